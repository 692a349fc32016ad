// The packet rules of the sandbox as text for libnftables. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/ip_range.hpp"

namespace awf::firewall {

// The mapped ranges and `listed`, sorted, without those that another one contains: nftables
// refuses a set whose intervals overlap.
std::vector<policy::IpRange> intercepted_ranges(const std::vector<policy::IpRange>& listed);

// The whole ruleset. TCP to intercepted ranges goes to the interceptor, port 53 to the resolver,
// loopback to itself; everything else is logged once and refused. Same input, same text.
std::string build_ruleset(const std::vector<policy::IpRange>& listed);

}  // namespace awf::firewall
