#include "egress-proxy/packet_summary.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace awf::egress {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes packet4(std::uint8_t protocol, const Bytes& payload) {
  Bytes packet{0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0, 198, 18, 0, 1, 8, 8, 4, 4};
  for (const auto byte : payload)
    packet.push_back(byte);
  return packet;
}

Bytes packet6(std::uint8_t next, const Bytes& payload) {
  Bytes packet{0x60, 0, 0, 0, 0, 8, next, 64};
  packet.resize(40);
  packet[8] = 0x20;  // 2000::1
  packet[23] = 1;
  packet[24] = 0xFD;  // fd00::2
  packet[39] = 2;
  for (const auto byte : payload)
    packet.push_back(byte);
  return packet;
}

TEST(PacketSummary, reads_udp_over_ipv4) {
  const auto summary = read_packet(packet4(17, {0x13, 0x88, 0x01, 0xBB, 0, 8, 0, 0}));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->destination.text(), "8.8.4.4");
  EXPECT_EQ(summary->source.text(), "198.18.0.1");
  EXPECT_EQ(summary->protocol, 17);
  EXPECT_EQ(summary->source_port, 5000);
  EXPECT_EQ(summary->destination_port, 443);
}

TEST(PacketSummary, icmp_and_later_fragments_have_no_ports) {
  EXPECT_EQ(read_packet(packet4(1, {8, 0, 1, 2}))->destination_port, 0);
  Bytes fragment = packet4(17, {0, 1, 0, 2});
  fragment[7] = 1;
  EXPECT_EQ(read_packet(fragment)->destination_port, 0);
}

TEST(PacketSummary, reads_tcp_behind_extension_headers_of_ipv6) {
  Bytes payload{60, 0, 0, 0, 0, 0, 0, 0};  // hop by hop, then destination options
  payload.insert(payload.end(), {6, 1});   // 16 bytes, then TCP
  payload.resize(24);
  payload.insert(payload.end(), {0x13, 0x88, 0, 22});
  const auto summary = read_packet(packet6(0, payload));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->destination.text(), "fd00::2");
  EXPECT_EQ(summary->protocol, 6);
  EXPECT_EQ(summary->destination_port, 22);
}

TEST(PacketSummary, random_bytes_crash_nothing) {
  EXPECT_FALSE(read_packet({}));
  EXPECT_FALSE(read_packet(Bytes{0x45}));
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same packets in every run
  for (int i = 0; i < 20000; ++i) {
    Bytes packet(random() % 100);
    for (auto& byte : packet)
      byte = static_cast<std::uint8_t>(random());
    if (!packet.empty()) packet[0] = i % 2 == 0 ? 0x45 : 0x60;
    (void)read_packet(packet);
  }
}

}  // namespace
}  // namespace awf::egress
