// The files that tell programs how to look up names, as they must read inside. Pure.
#pragma once

#include <string>
#include <string_view>

namespace awf::mask {

// resolv.conf(5): only the resolver of the sandbox, which the packet rules would force anyway; so
// that a program that reads the file does not try the host's first.
std::string resolver_file();

// hosts(5): loopback, and the machine's own name, which Java and others look up.
std::string hosts_file(std::string_view host_name);

// nsswitch.conf(5) with the line for hosts replaced: nss-resolve, mDNS and the like would ask a
// daemon of the host through a socket. All other lines stay.
std::string switch_file(std::string_view of_the_host);

}  // namespace awf::mask
