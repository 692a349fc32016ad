// DNS over UDP: every address of the sandbox is local, so a query to any server comes here.
#pragma once

#include <array>
#include <cstdint>

#include "common/unique_fd.hpp"
#include "egress-proxy/dns_desk.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// The answer comes from the very address that was asked (IP_PKTINFO of ip(7), RFC 3542 §6), since a
// client drops any other.
class DnsUdpDoor {
 public:
  // `socket` is bound; its family is asked of it. Throws SystemFailure.
  DnsUdpDoor(net::asio::io_context& context, UniqueFd socket, DnsDesk& desk);

  void start();

 private:
  bool serve_one();
  void go_on();

  net::asio::posix::stream_descriptor socket_;
  net::asio::steady_timer pause_;
  DnsDesk& desk_;
  std::array<std::uint8_t, kMaxDnsQueryBytes> query_{};
};

}  // namespace awf::egress
