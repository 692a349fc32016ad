// The sockets that tell the audit what happened inside: refused packets, and whose sockets are
// whose.
#pragma once

#include <cstdint>

#include "common/unique_fd.hpp"

namespace awf::firewall {

// A NETLINK_NETFILTER socket of the caller's network namespace, bound to `group`: from now on each
// packet that a rule logs to the group comes as one NFULNL_MSG_PACKET message with its first 128
// bytes. Non-blocking; the reader needs no capability.
UniqueFd open_packet_log(std::uint16_t group);

// A NETLINK_SOCK_DIAG socket of the caller's network namespace. Non-blocking; whoever holds it may
// ask about sockets of that namespace, and closing them (SOCK_DESTROY) takes CAP_NET_ADMIN there.
UniqueFd open_socket_diag();

}  // namespace awf::firewall
