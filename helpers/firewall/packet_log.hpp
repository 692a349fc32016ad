// The socket on which refused packets are reported (NFLOG).
#pragma once

#include <cstdint>

#include "common/unique_fd.hpp"

namespace awf::firewall {

// A NETLINK_NETFILTER socket of the caller's network namespace, bound to `group`: from now on each
// packet that a rule logs to the group comes as one NFULNL_MSG_PACKET message with its first 128
// bytes. Non-blocking; the reader needs no capability.
UniqueFd open_packet_log(std::uint16_t group);

}  // namespace awf::firewall
