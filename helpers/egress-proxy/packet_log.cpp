#include "egress-proxy/packet_log.hpp"

#include <libmnl/libmnl.h>
#include <libnetfilter_log/libnetfilter_log.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "net/endpoint.hpp"

namespace awf::egress {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;
constexpr int kReadsPerTurn = 64;

AuditProtocol audited(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case IPPROTO_TCP:
      return AuditProtocol::kTcp;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
      return AuditProtocol::kUdp;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return AuditProtocol::kIcmp;
    default:
      return AuditProtocol::kOther;
  }
}

const char* reason_for(AuditProtocol protocol) noexcept {
  switch (protocol) {
    case AuditProtocol::kTcp:
      return "no entry opens this address and port";
    case AuditProtocol::kUdp:
      return "UDP leaves the sandbox for no destination";
    case AuditProtocol::kIcmp:
      return "ICMP leaves the sandbox for no destination";
    default:
      return "only TCP leaves the sandbox";
  }
}

}  // namespace

AuditRecord record_of(const PacketSummary& packet, const MappedAddresses& mapped) {
  AuditRecord record;
  const policy::HostName* name = mapped.name_of(packet.destination);
  record.time = std::chrono::system_clock::now();
  record.door = policy::Door::kPacket;
  record.protocol = audited(packet.protocol);
  record.name = name != nullptr ? name->text() : packet.destination.text();
  record.port = packet.destination_port;
  record.rule = "default";
  record.reason = reason_for(record.protocol);
  record.client = net::text_of(packet.source, packet.source_port);
  // A refused TCP socket is gone from the kernel's tables when its connect(2) has returned.
  if (packet.protocol == IPPROTO_UDP && packet.source_port != 0) {
    record.flow = ClientFlow{false, packet.source, packet.source_port, packet.destination,
                             packet.destination_port};
  }
  return record;
}

PacketLog::PacketLog(net::asio::io_context& context, UniqueFd netlink,
                     const MappedAddresses& mapped, AuditThrottle& audit)
    : netlink_(context), mapped_(mapped), audit_(audit), buffer_(kBufferBytes) {
  netlink_.assign(netlink.get());
  (void)netlink.release();  // owned by the descriptor object now
}

void PacketLog::start() {
  netlink_.async_wait(net::asio::posix::stream_descriptor::wait_read,
                      [this](const net::ErrorCode& error) {
                        if (error) return;  // the log is gone
                        for (int i = 0; i < kReadsPerTurn && read_some(); ++i) {
                        }
                        start();
                      });
}

void PacketLog::drain() {
  while (read_some()) {
  }
}

// False when nothing is there now.
bool PacketLog::read_some() {
  const ssize_t size =
      ::recv(netlink_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  // ENOBUFS: a flood overran the socket; those packets were refused all the same (netlink(7)).
  if (size < 0) return errno == EINTR || errno == ENOBUFS;
  record_packets({buffer_.data(), static_cast<std::size_t>(size)});
  return true;
}

void PacketLog::record_packets(std::span<const char> messages) {
  int left = static_cast<int>(messages.size());
  const auto* message = reinterpret_cast<const nlmsghdr*>(messages.data());  // NOLINT: as above
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
    constexpr int kPacketType = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET;
    if (message->nlmsg_type != kPacketType) continue;
    std::array<nlattr*, NFULA_MAX + 1> attributes{};
    if (nflog_nlmsg_parse(message, attributes.data()) < 0) continue;
    const nlattr* payload = attributes[NFULA_PAYLOAD];
    if (payload == nullptr) continue;
    const auto packet =
        read_packet({static_cast<const std::uint8_t*>(mnl_attr_get_payload(payload)),
                     mnl_attr_get_payload_len(payload)});
    if (packet) audit_.record(record_of(*packet, mapped_));
  }
}

}  // namespace awf::egress
