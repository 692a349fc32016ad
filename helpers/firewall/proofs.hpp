// What awf-firewall proves about the finished sandbox before anything else runs in it.
#pragma once

#include <vector>

#include "policy/ip_range.hpp"

namespace awf::firewall {

// The namespace has lo, up, and nothing else. Returns its index when `must_be_up` is false too.
int verify_loopback_alone(bool must_be_up);

// Ports below 1024, the resolver's among them, cannot be bound without CAP_NET_BIND_SERVICE.
void verify_low_ports_protected();

// A TCP connection to a public address that is not in `listed` fails at once with ECONNREFUSED, for
// IPv4 and IPv6: the route, the rules and the reset all work.
void verify_public_addresses_refused(const std::vector<policy::IpRange>& listed);

}  // namespace awf::firewall
