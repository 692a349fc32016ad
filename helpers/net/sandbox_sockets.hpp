// The sockets that awf-firewall opens inside the sandbox's network namespace and that the proxies
// serve from outside it: names, order and addresses in one place.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/check.hpp"
#include "common/unique_fd.hpp"

namespace awf::net {

inline constexpr const char* kProxyAddress = "127.0.0.1";  // and ::1
inline constexpr const char* kProxyName = "localhost";     // stands for both
inline constexpr std::uint16_t kProxyPort = 3128;
inline constexpr std::uint16_t kDnsPort = 53;
// Where TPROXY delivers intercepted connections; free to choose, since it is never dialled.
inline constexpr std::uint16_t kInterceptPort = 15001;
// Addresses that stand for names (RFC 2544 and RFC 5180 benchmarking blocks: never public).
inline constexpr const char* kMappedRange4 = "198.18.0.0/15";
inline constexpr const char* kMappedRange6 = "2001:2::/64";
inline constexpr std::uint16_t kAuditLogGroup = 7;  // NFLOG

// In this order on the wire (one SCM_RIGHTS message with the text "listeners").
struct SandboxSockets {
  UniqueFd proxy;       // TCP, both families, listening on port 3128
  UniqueFd intercept4;  // TCP, IP_TRANSPARENT: getsockname(2) is the original destination
  UniqueFd intercept6;
  UniqueFd dns_udp4;  // bound to 0.0.0.0:53 with IP_PKTINFO
  UniqueFd dns_udp6;  // bound to [::]:53, v6 only, with IPV6_RECVPKTINFO
  UniqueFd dns_tcp4;  // listening
  UniqueFd dns_tcp6;
  // NETLINK_NETFILTER, bound to kAuditLogGroup with a copy of 128 bytes a packet. Readers only
  // read: the kernel refuses configuration requests of a process without CAP_NET_ADMIN inside.
  UniqueFd packet_log;
  // NETLINK_SOCK_DIAG: which socket inside is at the other end of a refused connection. Asking for
  // one socket takes no capability (sock_diag(7)).
  UniqueFd socket_diag;

  static constexpr std::size_t kCount = 9;

  [[nodiscard]] std::vector<int> borrowed() const {
    return {proxy.get(),    intercept4.get(), intercept6.get(), dns_udp4.get(),   dns_udp6.get(),
            dns_tcp4.get(), dns_tcp6.get(),   packet_log.get(), socket_diag.get()};
  }

  // In the order of `from`; gives the ownership away.
  [[nodiscard]] std::vector<UniqueFd> owned() && {
    std::vector<UniqueFd> fds;
    for (UniqueFd* fd : {&proxy, &intercept4, &intercept6, &dns_udp4, &dns_udp6, &dns_tcp4,
                         &dns_tcp6, &packet_log, &socket_diag}) {
      fds.push_back(std::move(*fd));
    }
    return fds;
  }

  static SandboxSockets from(std::vector<UniqueFd> fds) {
    verify(fds.size() == kCount, "all sockets of the sandbox arrived");
    return {std::move(fds[0]), std::move(fds[1]), std::move(fds[2]),
            std::move(fds[3]), std::move(fds[4]), std::move(fds[5]),
            std::move(fds[6]), std::move(fds[7]), std::move(fds[8])};
  }
};

}  // namespace awf::net
