// The servers of resolv.conf(5), for what c-ares 1.18 does not read there.
#pragma once

#include <string_view>
#include <vector>

#include "net/resolver.hpp"

namespace awf::net {

// The first three "nameserver" lines (MAXNS of <resolv.h>) that name an address; others are passed
// over, as every resolver does. Pure.
std::vector<DnsServer> servers_of_resolv_conf(std::string_view text);

// Those of /etc/resolv.conf when one of them is link-local, which is usual where IPv6 is
// configured by router advertisements; otherwise none: c-ares reads that file itself. Servers
// whose interface is gone are left out.
std::vector<DnsServer> link_local_host_servers();

}  // namespace awf::net
