// Interfaces and routes of the caller's network namespace, by rtnetlink(7).
#pragma once

#include <string>
#include <vector>

namespace awf::firewall {

struct Interface {
  int index = 0;
  bool loopback = false;
  bool up = false;
  std::string name;
};
std::vector<Interface> list_interfaces();

void bring_up(int interface_index);

// ip route add local 0.0.0.0/0 dev IFACE src 127.0.0.1 table local, and the same for ::/0 and ::1:
// every address is delivered to this very namespace, and clients get a loopback source address.
void make_every_address_local(int interface_index);

// ip addr add 192.0.0.8/32 (RFC 7600's dummy address) and one of 2001:2::/48: getaddrinfo(3) with
// AI_ADDRCONFIG looks up only the families that have an address which is not loopback. No packet
// ever has them as its source, since the routes name another.
void add_placeholder_addresses(int interface_index);

}  // namespace awf::firewall
