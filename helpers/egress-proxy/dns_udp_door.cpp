#include "egress-proxy/dns_udp_door.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <utility>

#include "common/check.hpp"

namespace awf::egress {
namespace {

// Queries served before other connections get their turn.
constexpr int kQueriesPerTurn = 64;

union Peer {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

struct alignas(cmsghdr) ControlSpace {
  std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes{};
};

void switch_on(int socket, int level, int option, const char* what) {
  const int on = 1;
  check(::setsockopt(socket, level, option, &on, sizeof on), what);
}

// Replies come from addresses that no interface has: IPv4 takes a local route as proof that they
// are ours, IPv6 wants IPV6_FREEBIND (net/ipv6/datagram.c, ipv6_can_nonlocal_bind).
void prepare(int socket) {
  int domain = 0;
  socklen_t size = sizeof domain;
  check(::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size),
        "asking a DNS socket for its family");
  if (domain == AF_INET6) {
    switch_on(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, "asking for IPV6_RECVPKTINFO");
    switch_on(socket, IPPROTO_IPV6, IPV6_FREEBIND, "asking for IPV6_FREEBIND");
  } else {
    switch_on(socket, IPPROTO_IP, IP_PKTINFO, "asking for IP_PKTINFO");
  }
}

policy::IpAddress address_of(const in_addr& address) {
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return policy::IpAddress::v4(bytes);
}

policy::IpAddress address_of(const in6_addr& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return policy::IpAddress::v6(bytes);
}

template <typename Info>
Info info_in(const cmsghdr* control) {
  Info info{};
  std::memcpy(&info, CMSG_DATA(control), sizeof info);
  return info;
}

template <typename Info>
void put_info(msghdr& header, ControlSpace& space, int level, int type, const Info& info) {
  header.msg_control = space.bytes.data();
  header.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* control = CMSG_FIRSTHDR(&header);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(control), &info, sizeof info);
}

// Who asked, and the address that was asked.
std::optional<ClientFlow> flow_of(const Peer& peer, const msghdr& received) {
  constexpr std::uint16_t kPort = 53;
  msghdr header = received;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      return ClientFlow{false, address_of(peer.v4.sin_addr), ntohs(peer.v4.sin_port),
                        address_of(info_in<in_pktinfo>(c).ipi_addr), kPort};
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      return ClientFlow{false, address_of(peer.v6.sin6_addr), ntohs(peer.v6.sin6_port),
                        address_of(info_in<in6_pktinfo>(c).ipi6_addr), kPort};
    }
  }
  return std::nullopt;
}

// Makes the destination of the query the source of the reply.
void turn_round(const msghdr& received, msghdr& reply, ControlSpace& space) {
  msghdr header = received;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      const auto asked = info_in<in_pktinfo>(c);
      in_pktinfo from{};
      from.ipi_spec_dst = asked.ipi_addr;
      put_info(reply, space, IPPROTO_IP, IP_PKTINFO, from);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      put_info(reply, space, IPPROTO_IPV6, IPV6_PKTINFO, info_in<in6_pktinfo>(c));
    }
  }
}

}  // namespace

DnsUdpDoor::DnsUdpDoor(net::asio::io_context& context, UniqueFd socket, DnsDesk& desk)
    : socket_(context), pause_(context), desk_(desk) {
  prepare(socket.get());
  socket_.assign(socket.get());
  (void)socket.release();  // owned by the descriptor object now
}

void DnsUdpDoor::start() {
  socket_.async_wait(
      net::asio::posix::stream_descriptor::wait_read, [this](const net::ErrorCode& error) {
        if (error) return;  // the door is gone
        for (int i = 0; i < kQueriesPerTurn && !desk_.is_spent() && serve_one(); ++i) {
        }
        go_on();
      });
}

void DnsUdpDoor::go_on() {
  if (!desk_.is_spent()) return start();
  pause_.expires_after(kDnsPause);
  pause_.async_wait([this](const net::ErrorCode& error) {
    if (!error) go_on();
  });
}

// False when there is no further query now.
bool DnsUdpDoor::serve_one() {
  Peer peer{};
  ControlSpace control;
  iovec data{query_.data(), query_.size()};
  msghdr received{};
  received.msg_name = &peer;
  received.msg_namelen = sizeof peer;
  received.msg_iov = &data;
  received.msg_iovlen = 1;
  received.msg_control = control.bytes.data();
  received.msg_controllen = control.bytes.size();
  const ssize_t size = ::recvmsg(socket_.native_handle(), &received, MSG_DONTWAIT);
  // Errors other than "nothing there" are ICMP errors of earlier replies: the next call goes on.
  if (size < 0) return errno != EAGAIN && errno != EINTR;
  if ((received.msg_flags & MSG_TRUNC) != 0) return true;
  auto reply =
      desk_.answer({query_.data(), static_cast<std::size_t>(size)}, flow_of(peer, received));
  if (reply.empty()) return true;
  iovec reply_data{reply.data(), reply.size()};
  msghdr sent{};
  sent.msg_name = &peer;
  sent.msg_namelen = received.msg_namelen;
  sent.msg_iov = &reply_data;
  sent.msg_iovlen = 1;
  ControlSpace reply_control;
  turn_round(received, sent, reply_control);
  // A reply that cannot be sent is lost, as any datagram may be; the client asks again.
  (void)::sendmsg(socket_.native_handle(), &sent, MSG_DONTWAIT | MSG_NOSIGNAL);
  return true;
}

}  // namespace awf::egress
