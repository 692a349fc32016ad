// The addresses, protocol and ports of a packet. Pure; hostile input.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "policy/ip_range.hpp"

namespace awf::egress {

struct PacketSummary {
  policy::IpAddress source;
  policy::IpAddress destination;
  std::uint8_t protocol = 0;  // of IANA's registry: 6 TCP, 17 UDP, 1 and 58 ICMP
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;  // 0 when the protocol has none or the packet was cut
};

// Reads the start of an IPv4 or IPv6 packet; nothing when it is neither.
std::optional<PacketSummary> read_packet(std::span<const std::uint8_t> packet);

}  // namespace awf::egress
