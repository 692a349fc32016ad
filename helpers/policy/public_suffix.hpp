// Whether an entry of an allow list opens more than its author can mean: names that anybody may
// register. Pure: Mozilla's public suffix list as compiled into libpsl, and a short list of ours.
#pragma once

#include <optional>
#include <string>

#include "policy/host_pattern.hpp"
#include "policy/ip_range.hpp"

namespace awf::policy {

// Each is one clause that follows the entry, and ends with what to do.
struct AllowReview {
  std::optional<std::string> refusal;
  std::optional<std::string> warning;  // legal, but wider than it looks
};

AllowReview review_for_allow_list(const HostPattern& pattern);
AllowReview review_for_allow_list(const IpRange& range);

}  // namespace awf::policy
