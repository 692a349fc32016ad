// An entry is superfluous when every connection it admits is admitted by one other entry. That is
// decided for a single other entry only: whether several together cover it does not matter to
// anybody, and globs are compared with nothing but names.
//
// The indexes answer "who covers this name". An entry for names below x is asked about with a name
// below x that nobody writes, and what the answer means depends on the kinds of both.
#include "policy/policy_lint.hpp"

#include <optional>

#include "common/text.hpp"
#include "policy/name_index.hpp"
#include "policy/policy_entry.hpp"
#include "policy/range_index.hpp"

namespace awf::policy {
namespace {

using Kind = HostPattern::Kind;

struct Listed {
  const SourceEntry* source;
  PolicyEntry entry;
};

class List {
 public:
  explicit List(const std::vector<SourceEntry>& entries) {
    for (const SourceEntry& source : entries) {
      auto entry = PolicyEntry::parse(source.text);
      if (!entry) continue;
      const auto number = static_cast<RuleNumber>(listed_.size());
      if (const auto* range = std::get_if<IpRange>(&entry->target)) {
        ranges_.add(*range, number);
      } else {
        names_.add(std::get<HostPattern>(entry->target), number);
      }
      listed_.push_back({&source, std::move(entry).value()});
    }
    names_.finish();
    ranges_.finish();
  }

  [[nodiscard]] const std::vector<Listed>& listed() const noexcept { return listed_; }

  // The first listed entry whose target holds all of `entry`'s and which `accept`s.
  template <typename Accept>
  [[nodiscard]] const Listed* covering(const PolicyEntry& entry, const Accept& accept) const {
    const Listed* found = nullptr;
    const auto visit = [&](RuleNumber number) {
      const Listed& other = listed_[number];
      if (holds(other.entry, entry) && accept(other)) found = &other;
      return found != nullptr;
    };
    if (const auto* range = std::get_if<IpRange>(&entry.target)) {
      ranges_.visit_covering(range->base(), visit);
    } else {
      names_.visit_covering(probe_of(std::get<HostPattern>(entry.target)), visit);
    }
    return found;
  }

 private:
  // A name of `pattern` that an entry covering all of the pattern covers as well.
  static std::string probe_of(const HostPattern& pattern) {
    const std::string tail(pattern.fixed_tail());
    const bool below = pattern.kind() == Kind::kBelow || pattern.kind() == Kind::kGlob;
    return below ? "awf-lint." + tail : tail;
  }

  // Given that `outer` covers the probe of `inner`: does it hold all of it?
  static bool holds(const PolicyEntry& outer, const PolicyEntry& inner) {
    if (const auto* range = std::get_if<IpRange>(&inner.target)) {
      const auto* wider = std::get_if<IpRange>(&outer.target);
      return wider != nullptr && wider->prefix_length() <= range->prefix_length();
    }
    const auto* wider = std::get_if<HostPattern>(&outer.target);
    if (wider == nullptr) return false;
    const auto& pattern = std::get<HostPattern>(inner.target);
    if (*wider == pattern) return true;
    switch (wider->kind()) {
      case Kind::kTree:
      case Kind::kBelow:
        return true;
      case Kind::kExact:
        return false;  // holds one name; the same entry was compared above
      case Kind::kGlob:
        break;
    }
    return pattern.kind() == Kind::kExact;
  }

  std::vector<Listed> listed_;
  NameIndex names_;
  RangeIndex ranges_;
};

bool scope_holds(const ServiceScope& outer, const ServiceScope& inner) {
  if (outer.limit == inner.limit && outer.port == inner.port) return true;
  return outer.limit == ServiceScope::Limit::kNone && !outer.port && !inner.port;
}

std::string finding(const Listed& listed, const std::string& clause, const Listed& by) {
  return listed.source->origin + ": entry " + quoted(trimmed(listed.source->text)) + ": " + clause +
         quoted(trimmed(by.source->text)) + " (" + by.source->origin + ")";
}

}  // namespace

LintFindings lint(const std::vector<SourceEntry>& allow, const std::vector<SourceEntry>& block) {
  const List allowed(allow);
  const List blocked(block);
  LintFindings findings;
  for (const Listed& own : allowed.listed()) {
    const auto blocks_all = [&](const Listed& other) {
      return !other.entry.scope.port || other.entry.scope.port == own.entry.scope.port;
    };
    if (const Listed* by = blocked.covering(own.entry, blocks_all)) {
      findings.blocked.push_back(finding(own, "allows nothing, since it is blocked by ", *by));
      continue;
    }
    const auto makes_superfluous = [&](const Listed& other) {
      if (&other == &own || !scope_holds(other.entry.scope, own.entry.scope)) return false;
      // Of two that say the same, the later one is superfluous.
      const bool same =
          other.entry.target == own.entry.target && scope_holds(own.entry.scope, other.entry.scope);
      return !same || &other < &own;
    };
    if (const Listed* by = allowed.covering(own.entry, makes_superfluous)) {
      findings.covered.push_back(finding(own, "adds nothing, since it is covered by ", *by));
    }
  }
  return findings;
}

}  // namespace awf::policy
