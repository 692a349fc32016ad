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

}  // namespace awf::firewall
