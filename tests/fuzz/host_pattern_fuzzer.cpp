// "PATTERN NEWLINE NAME": a pattern is read as itself again, covers only names that end with its
// fixed tail, and the table of a policy finds it exactly when it covers the name.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "policy/egress_policy.hpp"
#include "policy/host_name.hpp"
#include "policy/host_pattern.hpp"
#include "policy/policy_entry.hpp"

namespace {

using awf::policy::EgressPolicy;
using awf::policy::HostName;
using awf::policy::HostPattern;

void verify_pattern(const HostPattern& pattern, const HostName& name) {
  const auto again = HostPattern::parse(pattern.text());
  awf::verify(again && *again == pattern, "the text of a pattern is read as itself");
  const std::string& text = name.text();
  if (!pattern.covers(text)) return;
  awf::verify(text.ends_with(pattern.fixed_tail()), "a covered name ends with the fixed tail");
}

// The block list takes every pattern; a lookup is refused by name exactly when one covers it.
void verify_table(std::string_view entry, const HostPattern& pattern, const HostName& name) {
  const auto policy = EgressPolicy::build({}, {{std::string(entry), "fuzz"}});
  if (!policy) return;
  const bool blocked = policy->decide_lookup(name).rule != "default";
  awf::verify(blocked == pattern.covers(name.text()) || entry == "default",
              "the table and the pattern agree");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = awf::fuzz::as_text(data, size);
  const auto border = text.find('\n');
  const std::string_view entry = text.substr(0, border);
  (void)awf::policy::PolicyEntry::parse(entry);  // must not crash; its value is judged below
  if (border == std::string_view::npos) return 0;
  const auto pattern = HostPattern::parse(entry);
  const auto name = HostName::parse(text.substr(border + 1));
  if (!pattern || !name) return 0;
  verify_pattern(*pattern, *name);
  verify_table(entry, *pattern, *name);
  return 0;
}
