#include "egress-proxy/packet_summary.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace awf::egress {
namespace {

using policy::IpAddress;
using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kHeader4 = 20;
constexpr std::size_t kHeader6 = 40;
// A chain of more extension headers than RFC 8200 §4.1 knows is an attack on readers.
constexpr int kMostExtensions = 8;

std::uint16_t read16(Bytes bytes, std::size_t at) noexcept {
  return static_cast<std::uint16_t>(bytes[at] * 256U + bytes[at + 1]);
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> take(Bytes bytes, std::size_t at) noexcept {
  std::array<std::uint8_t, kSize> out{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kSize, out.begin());
  return out;
}

// TCP, UDP, UDP-Lite, SCTP and DCCP all begin with the two ports.
void read_ports(PacketSummary& summary, Bytes packet, std::size_t at) noexcept {
  constexpr std::array<int, 5> kWithPorts{IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP,
                                          IPPROTO_DCCP};
  const bool has_ports =
      std::find(kWithPorts.begin(), kWithPorts.end(), summary.protocol) != kWithPorts.end();
  if (!has_ports || packet.size() < at + 4) return;
  summary.source_port = read16(packet, at);
  summary.destination_port = read16(packet, at + 2);
}

std::optional<PacketSummary> read_packet4(Bytes packet) {
  if (packet.size() < kHeader4) return std::nullopt;
  PacketSummary summary{IpAddress::v4(take<4>(packet, 12)), IpAddress::v4(take<4>(packet, 16)),
                        packet[9], 0, 0};
  const bool first_fragment = (read16(packet, 6) & 0x1FFFU) == 0;
  if (first_fragment) read_ports(summary, packet, (packet[0] & 0x0FU) * std::size_t{4});
  return summary;
}

bool is_extension(std::uint8_t next) noexcept {
  return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ||
         next == IPPROTO_DSTOPTS;
}

std::optional<PacketSummary> read_packet6(Bytes packet) {
  if (packet.size() < kHeader6) return std::nullopt;
  PacketSummary summary{IpAddress::v6(take<16>(packet, 8)), IpAddress::v6(take<16>(packet, 24)),
                        packet[6], 0, 0};
  std::size_t at = kHeader6;
  for (int i = 0; i < kMostExtensions && is_extension(summary.protocol); ++i) {
    if (packet.size() < at + 8) return summary;
    const bool later_fragment =
        summary.protocol == IPPROTO_FRAGMENT && (read16(packet, at + 2) & 0xFFF8U) != 0;
    const std::size_t size =
        summary.protocol == IPPROTO_FRAGMENT ? 8 : (packet[at + 1] + std::size_t{1}) * 8;
    summary.protocol = packet[at];
    if (later_fragment) return summary;
    at += size;
  }
  read_ports(summary, packet, at);
  return summary;
}

}  // namespace

std::optional<PacketSummary> read_packet(Bytes packet) {
  if (packet.empty()) return std::nullopt;
  const unsigned version = packet[0] >> 4U;
  if (version == 4) return read_packet4(packet);
  if (version == 6) return read_packet6(packet);
  return std::nullopt;
}

}  // namespace awf::egress
