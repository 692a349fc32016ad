// Any bytes as a host name: whatever is accepted is canonical, and is read the same way again.
#include <cstddef>
#include <cstdint>

#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace {

using awf::policy::HostName;

void verify_canonical(const HostName& name) {
  const std::string& text = name.text();
  awf::verify(!text.empty() && text.size() <= HostName::kMaxLength, "a name has 1 to 253 bytes");
  awf::verify(
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos,
      "a name holds letters, digits, '-', '_' and '.' only");
  awf::verify(text.front() != '.' && text.back() != '.', "a name has no dot at its ends");
  awf::verify(text.find("..") == std::string::npos, "a name has no empty label");
  awf::verify(!awf::policy::IpAddress::parse(text), "a name is no address");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = awf::fuzz::as_text(data, size);
  const auto name = HostName::parse(text);
  if (!name) {
    awf::verify(!name.error().empty(), "a refusal has a reason");
    return 0;
  }
  verify_canonical(*name);
  const auto again = HostName::parse(name->text());
  awf::verify(again && *again == *name, "the canonical form is read as itself");
  const auto dotted = HostName::parse(name->text() + ".");
  awf::verify(dotted && *dotted == *name, "a trailing dot changes nothing");
  return 0;
}
