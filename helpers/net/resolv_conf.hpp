// The servers of resolv.conf(5). Read here, because c-ares 1.18 passes over link-local ones.
#pragma once

#include <string_view>
#include <vector>

#include "net/resolver.hpp"

namespace awf::net {

// The first three "nameserver" lines (MAXNS of <resolv.h>) that name an address; others are passed
// over, as every resolver does. Pure.
std::vector<DnsServer> servers_of_resolv_conf(std::string_view text);

// Those of /etc/resolv.conf. Link-local ones, usual where IPv6 is configured by router
// advertisements, are left out when their interface is gone.
std::vector<DnsServer> host_servers();

}  // namespace awf::net
