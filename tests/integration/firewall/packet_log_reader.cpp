#include "packet_log_reader.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/check.hpp"
#include "firewall/netlink.hpp"
#include "policy/ip_range.hpp"

namespace awf::tests {
namespace {

using Bytes = std::span<const std::byte>;

unsigned byte_at(Bytes bytes, std::size_t at) {
  verify(at < bytes.size(), "a logged packet has its headers");
  return std::to_integer<unsigned>(bytes[at]);
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> address_at(Bytes packet, std::size_t at) {
  std::array<std::uint8_t, kSize> address{};
  verify(at + kSize <= packet.size(), "a logged packet has its addresses");
  std::memcpy(address.data(), &packet[at], kSize);
  return address;
}

std::string describe(Bytes packet) {
  const bool v4 = byte_at(packet, 0) >> 4U == 4;
  const std::size_t header = v4 ? (byte_at(packet, 0) & 0xfU) * 4 : 40;
  const unsigned protocol = byte_at(packet, v4 ? 9 : 6);
  const auto address = v4 ? policy::IpAddress::v4(address_at<4>(packet, 16)).text()
                          : policy::IpAddress::v6(address_at<16>(packet, 24)).text();
  if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) {
    return std::to_string(protocol) + " " + address;
  }
  const unsigned port = (byte_at(packet, header + 2) << 8U) | byte_at(packet, header + 3);
  return std::string(protocol == IPPROTO_TCP ? "tcp " : "udp ") +
         (v4 ? address : "[" + address + "]") + ":" + std::to_string(port);
}

}  // namespace

std::vector<std::string> read_packet_log(int fd) {
  std::vector<std::string> reports;
  for (;;) {
    std::array<std::byte, 4096> buffer{};
    const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) return reports;
    check(got, "reading the packet log");
    constexpr std::size_t kHeader = sizeof(nlmsghdr);
    const auto size = static_cast<std::size_t>(got);
    verify(size > kHeader, "a report is whole");
    const firewall::NetlinkMessage message{0, Bytes(buffer).subspan(kHeader, size - kHeader)};
    std::string report = describe(message.attribute(sizeof(nfgenmsg), NFULA_PAYLOAD));
    const auto uid = message.attribute(sizeof(nfgenmsg), NFULA_UID);
    if (uid.size() == sizeof(std::uint32_t)) {
      std::uint32_t number = 0;
      std::memcpy(&number, uid.data(), sizeof number);
      report += " uid " + std::to_string(ntohl(number));
    }
    reports.push_back(std::move(report));
  }
}

}  // namespace awf::tests
