#include "egress-proxy/dns_tcp_session.hpp"

#include <chrono>
#include <utility>

#include "egress-proxy/client_flow.hpp"

namespace awf::egress {
namespace {

// RFC 7766 §6.2.3 leaves the time to the server; stubs send their query at once.
constexpr std::chrono::seconds kIdleLimit{10};

}  // namespace

namespace asio = net::asio;
using net::ErrorCode;

DnsTcpSession::DnsTcpSession(DnsDesk& desk, net::tcp::socket client, ConnectionSlots::Slot slot)
    : desk_(desk),
      client_(std::move(client)),
      slot_(std::move(slot)),
      idle_(client_.get_executor()),
      flow_(flow_of(client_)) {}

void DnsTcpSession::start(DnsDesk& desk, net::tcp::socket client, ConnectionSlots::Slot slot) {
  const std::shared_ptr<DnsTcpSession> session(
      new DnsTcpSession(desk, std::move(client), std::move(slot)));
  session->read_length();
}

void DnsTcpSession::arm_idle_limit() {
  idle_.expires_after(kIdleLimit);
  idle_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    ErrorCode ignored;
    self->client_.close(ignored);  // ends the pending read, and the session with it
  });
}

void DnsTcpSession::read_length() {
  arm_idle_limit();
  asio::async_read(client_, asio::buffer(length_),
                   [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                     if (error) return;
                     const std::size_t size =
                         self->length_[0] * std::size_t{256} + self->length_[1];
                     if (size <= kMaxDnsQueryBytes) self->read_query(size);
                   });
}

void DnsTcpSession::read_query(std::size_t size) {
  message_.resize(size);
  asio::async_read(client_, asio::buffer(message_),
                   [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                     if (!error) self->answer();
                   });
}

void DnsTcpSession::answer() {
  if (desk_.is_spent()) {
    idle_.expires_after(kDnsPause);
    return idle_.async_wait([self = shared_from_this()](const ErrorCode& error) {
      if (!error) self->answer();
    });
  }
  arm_idle_limit();
  auto reply = desk_.answer(message_, flow_);
  if (reply.empty()) return;
  length_ = {static_cast<std::uint8_t>(reply.size() / 256),
             static_cast<std::uint8_t>(reply.size() % 256)};
  message_ = std::move(reply);
  const std::array<asio::const_buffer, 2> framed{asio::buffer(length_), asio::buffer(message_)};
  asio::async_write(client_, framed,
                    [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                      if (!error) self->read_length();
                    });
}

}  // namespace awf::egress
