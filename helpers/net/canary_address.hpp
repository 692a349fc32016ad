// A public address that the policy does not list: what a probe dials that must be refused.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "policy/ip_range.hpp"

namespace awf::net {

// Nothing when `listed` leaves none of our candidates out (as 0.0.0.0/0 does). Well-known public
// resolvers first: they answer on TCP 443 and UDP 443 and 53, so that a probe which does reach the
// internet is seen to. The documentation blocks (RFC 5737, RFC 3849) follow, which nobody lists.
inline std::optional<policy::IpAddress> canary_address(const std::vector<policy::IpRange>& listed,
                                                       policy::IpAddress::Family family) {
  constexpr std::array kCandidates = {"1.1.1.1",
                                      "8.8.8.8",
                                      "9.9.9.9",
                                      "203.0.113.1",
                                      "198.51.100.1",
                                      "2606:4700:4700::1111",
                                      "2001:4860:4860::8888",
                                      "2620:fe::fe",
                                      "2001:db8::1"};
  for (const char* text : kCandidates) {
    const auto candidate = policy::IpAddress::parse(text);
    if (!candidate || candidate->family() != family) continue;
    const bool is_listed = std::any_of(listed.begin(), listed.end(), [&](const auto& range) {
      return range.contains(*candidate);
    });
    if (!is_listed) return *candidate;
  }
  return std::nullopt;
}

}  // namespace awf::net
