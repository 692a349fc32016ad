// Opening the sockets that the proxies serve, inside the sandbox.
#pragma once

#include "net/sandbox_sockets.hpp"

namespace awf::firewall {

// Every socket but the packet log, close-on-exec and non-blocking, in the caller's network
// namespace, whose loopback interface is up. Needs CAP_NET_ADMIN and CAP_NET_BIND_SERVICE there.
net::SandboxSockets open_listeners();

}  // namespace awf::firewall
