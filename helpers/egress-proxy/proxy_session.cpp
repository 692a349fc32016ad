#include "egress-proxy/proxy_session.hpp"

#include <memory>
#include <utility>

namespace awf::egress {

void ProxySession::start(Services& services, net::tcp::socket client, ConnectionSlots::Slot slot) {
  const std::shared_ptr<ProxySession> session(
      new ProxySession(services, std::move(client), std::move(slot), policy::Door::kProxy));
  session->serve_requests(
      [raw = session.get()](const net::RequestHead& head) { raw->on_request(head); });
}

void ProxySession::on_request(const net::RequestHead& head) {
  record_.method = head.method;
  if (head.method == "CONNECT") return on_connect(head);
  auto absolute = net::read_absolute_target(head.target);
  if (!absolute) return refuse_request("neither CONNECT nor an absolute http URL");
  auto target = target_of(absolute->authority, 80, services_.mapped);
  if (!target) return refuse_request(target.error());
  if (!judge(policy::Protocol::kHttp, std::move(target).value())) return;
  if (const auto fault = host_fault(head, *target_)) return deny(421, *fault);
  forward_request(head, absolute->origin_form);
}

void ProxySession::on_connect(const net::RequestHead& head) {
  if (const std::string* agent = head.field("User-Agent")) record_.user_agent = *agent;
  // RFC 9110 §9.3.6: a CONNECT has no body; bytes that claim to be one would be read as the hello.
  if (head.body.kind != net::BodyFraming::Kind::kNone) return refuse_request("CONNECT with a body");
  const auto authority = net::read_authority(head.target);
  if (!authority || !authority->port) return refuse_request("CONNECT needs host:port");
  auto target = target_of(*authority, 0, services_.mapped);
  if (!target) return refuse_request(target.error());
  const auto protocol = protocol_of_port(target->port);
  if (judge(protocol, std::move(target).value())) open_tunnel(protocol);
}

// "200" promises that the tunnel stands. For TLS and HTTP it is a promise about the name and its
// addresses only, since the client has to speak before anything may be dialled.
void ProxySession::open_tunnel(policy::Protocol protocol) {
  if (decision_.opaque) {
    return connect([this] { send_to_client(connect_reply(), [this] { pump_tunnel(); }); });
  }
  if (protocol == policy::Protocol::kHttp) {
    return send_to_client(connect_reply(), [this] {
      serve_requests([this](const net::RequestHead& head) { check_and_forward(head); });
    });
  }
  find_addresses([this] {
    send_to_client(connect_reply(), [this] {
      answers_http_ = false;
      read_hello_and_connect();
    });
  });
}

}  // namespace awf::egress
