// Finding the rules that cover a literal address. Pure.
#pragma once

#include <vector>

#include "policy/ip_range.hpp"
#include "policy/name_index.hpp"

namespace awf::policy {

// Blocks sorted by base; an address is looked up once for each prefix length that occurs.
class RangeIndex {
 public:
  void add(const IpRange& range, RuleNumber rule);
  // To be called after the last add() and before the first visit_covering().
  void finish();

  // Calls visit(rule) for every rule whose block holds `address`, narrowest first, until it returns
  // true.
  template <typename Visitor>
  void visit_covering(const IpAddress& address, const Visitor& visit) const {
    for (const Length& length : lengths_) {
      if (length.family != address.family()) continue;
      const IpRange wanted = IpRange::around(address, length.bits);
      for (auto at = first_at_least(wanted); at != entries_.end() && at->range == wanted; ++at) {
        if (visit(at->rule)) return;
      }
    }
  }

 private:
  struct Entry {
    IpRange range;
    RuleNumber rule;
  };
  struct Length {
    IpAddress::Family family;
    unsigned bits;
    friend auto operator<=>(const Length&, const Length&) = default;
  };

  [[nodiscard]] std::vector<Entry>::const_iterator first_at_least(const IpRange& range) const;

  std::vector<Entry> entries_;
  std::vector<Length> lengths_;  // those that occur, longest first
};

}  // namespace awf::policy
