// A connection that was made to a mapped address or a listed literal and that the packet rules
// handed to us (TPROXY): its own end is the address that the client meant.
#pragma once

#include "egress-proxy/session.hpp"

namespace awf::egress {

class InterceptSession : public Session {
 public:
  // Runs by itself from here on.
  static void start(Services& services, net::tcp::socket client, ConnectionSlots::Slot slot);
  // The same for a destination that the caller knows.
  static void start(Services& services, net::tcp::socket client, ConnectionSlots::Slot slot,
                    const policy::IpAddress& address, std::uint16_t port);

 private:
  using Session::Session;

  void on_destination(const policy::IpAddress& address, std::uint16_t port);
};

}  // namespace awf::egress
