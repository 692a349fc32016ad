// Finding the rules that cover a name or an address without looking at the others. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/host_pattern.hpp"
#include "policy/ip_range.hpp"

namespace awf::policy {

using RuleNumber = std::uint32_t;

// Patterns under their fixed tail: whatever a pattern covers ends with that tail, so a name is
// looked up once for each of its labels, however many patterns there are. Only patterns without a
// tail ("ads*", legal in block lists alone) are tried one by one.
class NameIndex {
 public:
  void add(HostPattern pattern, RuleNumber rule);
  [[nodiscard]] bool empty() const noexcept { return by_tail_.empty() && tailless_.empty(); }

  // Calls visit(rule) for every rule that covers the canonical `name`, longest tail first, until it
  // returns true.
  template <typename Visitor>
  void visit_covering(std::string_view name, const Visitor& visit) const {
    if (empty()) return;
    for (std::string_view tail = name;;) {
      const auto found = by_tail_.find(tail);
      if (found != by_tail_.end() && visit_list(found->second, name, visit)) return;
      const auto dot = tail.find('.');
      if (dot == std::string_view::npos) break;
      tail.remove_prefix(dot + 1);
    }
    (void)visit_list(tailless_, name, visit);  // the last list: nothing follows
  }

 private:
  struct Candidate {
    HostPattern pattern;
    RuleNumber rule;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  template <typename Visitor>
  static bool visit_list(const std::vector<Candidate>& candidates, std::string_view name,
                         const Visitor& visit) {
    for (const Candidate& candidate : candidates) {
      if (candidate.pattern.covers(name) && visit(candidate.rule)) return true;
    }
    return false;
  }

  std::unordered_map<std::string, std::vector<Candidate>, Hash, std::equal_to<>> by_tail_;
  std::vector<Candidate> tailless_;
};

// Blocks sorted by base; an address is looked up once for each prefix length that occurs.
class RangeIndex {
 public:
  void add(const IpRange& range, RuleNumber rule);
  // To be called after the last add() and before the first visit_covering().
  void sort();

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
    friend bool operator==(const Length&, const Length&) = default;
  };

  [[nodiscard]] std::vector<Entry>::const_iterator first_at_least(const IpRange& range) const;

  std::vector<Entry> entries_;
  std::vector<Length> lengths_;  // those that occur, longest first
};

}  // namespace awf::policy
