#include "policy/range_index.hpp"

#include <algorithm>
#include <functional>

namespace awf::policy {

void RangeIndex::add(const IpRange& range, RuleNumber rule) {
  entries_.push_back({range, rule});
  lengths_.push_back({range.base().family(), range.prefix_length()});
}

void RangeIndex::finish() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.range < b.range; });
  std::sort(lengths_.begin(), lengths_.end(), std::greater<>());
  lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
}

std::vector<RangeIndex::Entry>::const_iterator RangeIndex::first_at_least(
    const IpRange& range) const {
  return std::lower_bound(
      entries_.begin(), entries_.end(), range,
      [](const Entry& entry, const IpRange& wanted) { return entry.range < wanted; });
}

}  // namespace awf::policy
