// DNS over TCP (RFC 7766): queries with a length of two bytes before them, answered in their order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "egress-proxy/connection_slots.hpp"
#include "egress-proxy/dns_desk.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// Several messages in one segment are several queries, each judged (a bypass of others was to look
// at the first only). Closes after an idle time, an over-long query or one that deserves no reply.
class DnsTcpSession : public std::enable_shared_from_this<DnsTcpSession> {
 public:
  // Runs by itself from here on.
  static void start(DnsDesk& desk, net::tcp::socket client, ConnectionSlots::Slot slot);

 private:
  DnsTcpSession(DnsDesk& desk, net::tcp::socket client, ConnectionSlots::Slot slot);

  void arm_idle_limit();
  void read_length();
  void read_query(std::size_t size);
  void answer();

  DnsDesk& desk_;
  net::tcp::socket client_;
  ConnectionSlots::Slot slot_;
  net::asio::steady_timer idle_;
  std::optional<ClientFlow> flow_;
  std::array<std::uint8_t, 2> length_{};
  std::vector<std::uint8_t> message_;
};

}  // namespace awf::egress
