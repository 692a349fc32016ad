// The explicit proxy: CONNECT and plain HTTP with an absolute target (RFC 9110 §9.3.6, RFC 9112
// §3.2.2).
#pragma once

#include "egress-proxy/session.hpp"

namespace awf::egress {

class ProxySession : public Session {
 public:
  // Runs by itself from here on.
  static void start(Services& services, net::tcp::socket client, ConnectionSlots::Slot slot);

 private:
  using Session::Session;

  void on_request(const net::RequestHead& head);
  void on_connect(const net::RequestHead& head);
  void open_tunnel(policy::Protocol protocol);
};

}  // namespace awf::egress
