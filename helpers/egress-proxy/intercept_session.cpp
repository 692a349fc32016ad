#include "egress-proxy/intercept_session.hpp"

#include <memory>
#include <utility>

#include "egress-proxy/socket_end.hpp"
#include "net/endpoint.hpp"

namespace awf::egress {

void InterceptSession::start(Services& services, net::tcp::socket client,
                             ConnectionSlots::Slot slot) {
  net::ErrorCode error;
  const auto destination = client.local_endpoint(error);
  if (error) return end_with_reset(client);  // the client is gone already
  start(services, std::move(client), std::move(slot), net::address_of(destination.address()),
        destination.port());
}

void InterceptSession::start(Services& services, net::tcp::socket client,
                             ConnectionSlots::Slot slot, const policy::IpAddress& address,
                             std::uint16_t port) {
  const std::shared_ptr<InterceptSession> session(
      new InterceptSession(services, std::move(client), std::move(slot), policy::Door::kIntercept));
  session->on_destination(address, port);
}

void InterceptSession::on_destination(const policy::IpAddress& address, std::uint16_t port) {
  auto target = target_of(address, port, services_.mapped);
  if (!target) {
    record_.name = address.text();
    record_.port = port;
    record_.protocol = AuditProtocol::kTcp;
    return deny(403, {"default", target.error()});
  }
  const auto protocol = protocol_of_port(port);
  if (!judge(protocol, std::move(target).value())) return;
  if (decision_.opaque) return connect([this] { pump_tunnel(); });
  if (protocol == policy::Protocol::kTls) return read_hello_and_connect();
  serve_requests([this](const net::RequestHead& head) { check_and_forward(head); });
}

}  // namespace awf::egress
