// No socket here sets SO_REUSEADDR or SO_REUSEPORT: both would let the command bind the same port
// beside ours and take connections or queries that are meant for us.
#include "firewall/listeners.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "common/check.hpp"

namespace awf::firewall {
namespace {

// net.core.somaxconn of a new network namespace since Linux 5.4: a burst of connections waits
// while the proxy is restarted.
constexpr int kBacklog = 4096;

void switch_on(const UniqueFd& socket, int level, int option, std::string_view doing) {
  const int on = 1;
  check(::setsockopt(socket.get(), level, option, &on, sizeof on), doing);
}

UniqueFd open_socket(int family, int type) {
  UniqueFd socket(check(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                        family == AF_INET ? "opening an IPv4 socket"
                                          : "opening an IPv6 socket (the kernel needs IPv6)"));
  if (family == AF_INET6) {
    switch_on(socket, IPPROTO_IPV6, IPV6_V6ONLY, "keeping IPv4 out of an IPv6 socket");
  }
  return socket;
}

void bind_to(const UniqueFd& socket, const in_addr& address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr = address;
  name.sin_port = htons(port);
  check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name),
        "binding port " + std::to_string(port));
}

void bind_to_any6(const UniqueFd& socket, std::uint16_t port) {
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_addr = in6addr_any;
  name.sin6_port = htons(port);
  check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name),
        "binding IPv6 port " + std::to_string(port));
}

void bind_to_any(const UniqueFd& socket, int family, std::uint16_t port) {
  if (family == AF_INET) {
    bind_to(socket, in_addr{htonl(INADDR_ANY)}, port);
  } else {
    bind_to_any6(socket, port);
  }
}

// IP_TRANSPARENT: TPROXY delivers only to such sockets, and whatever is accepted answers from the
// address that the client dialled. IPv6 asks for it wherever the own address is on no interface.
void make_transparent(const UniqueFd& socket, int family) {
  const bool v4 = family == AF_INET;
  switch_on(socket, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT,
            "making a socket transparent");
}

void start_listening(const UniqueFd& socket) {
  check(::listen(socket.get(), kBacklog), "listening");
}

UniqueFd open_transparent_listener(int family, std::uint16_t port) {
  UniqueFd socket = open_socket(family, SOCK_STREAM);
  make_transparent(socket, family);
  bind_to_any(socket, family, port);
  start_listening(socket);
  return socket;
}

// Queries may go to any address; the answer must come from the same one.
UniqueFd open_dns_udp(int family) {
  UniqueFd socket = open_socket(family, SOCK_DGRAM);
  make_transparent(socket, family);
  const bool v4 = family == AF_INET;
  switch_on(socket, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO,
            "asking for the destination of queries");
  bind_to_any(socket, family, net::kDnsPort);
  return socket;
}

// One socket for 127.0.0.1 and ::1, since a client that is told to use IPv6 alone looks for the
// proxy there as well. The rules let nothing but loopback destinations arrive at it.
UniqueFd open_proxy_listener() {
  UniqueFd socket(check(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                        "opening the proxy's socket (the kernel needs IPv6)"));
  const int off = 0;
  check(::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off),
        "letting IPv4 into the proxy's socket");
  bind_to_any6(socket, net::kProxyPort);
  start_listening(socket);
  return socket;
}

}  // namespace

net::SandboxSockets open_listeners() {
  net::SandboxSockets sockets;
  sockets.proxy = open_proxy_listener();
  sockets.intercept4 = open_transparent_listener(AF_INET, net::kInterceptPort);
  sockets.intercept6 = open_transparent_listener(AF_INET6, net::kInterceptPort);
  sockets.dns_udp4 = open_dns_udp(AF_INET);
  sockets.dns_udp6 = open_dns_udp(AF_INET6);
  sockets.dns_tcp4 = open_transparent_listener(AF_INET, net::kDnsPort);
  sockets.dns_tcp6 = open_transparent_listener(AF_INET6, net::kDnsPort);
  return sockets;
}

}  // namespace awf::firewall
