#include "egress-proxy/session.hpp"

#include <sys/socket.h>

#include <span>
#include <utility>

#include "egress-proxy/client_flow.hpp"
#include "egress-proxy/forward_head.hpp"
#include "egress-proxy/socket_end.hpp"
#include "net/endpoint.hpp"
#include "net/limits.hpp"

namespace awf::egress {
namespace {

using net::ErrorCode;
namespace asio = net::asio;

constexpr std::size_t kReadStep = 4096;

AuditProtocol audited(policy::Protocol protocol) noexcept {
  switch (protocol) {
    case policy::Protocol::kHttp:
      return AuditProtocol::kHttp;
    case policy::Protocol::kTls:
      return AuditProtocol::kTls;
    case policy::Protocol::kTcp:
      return AuditProtocol::kTcp;
  }
  return AuditProtocol::kOther;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string peer_text(const net::tcp::socket& socket) {
  ErrorCode error;
  const auto peer = socket.remote_endpoint(error);
  return error ? std::string() : net::text_of(net::address_of(peer.address()), peer.port());
}

}  // namespace

Session::Session(Services& services, net::tcp::socket client, ConnectionSlots::Slot slot,
                 policy::Door door)
    : services_(services),
      client_(std::move(client)),
      slot_(std::move(slot)),
      upstream_(services.context),
      deadline_(services.context),
      began_(std::chrono::steady_clock::now()) {
  record_.time = std::chrono::system_clock::now();
  record_.door = door;
  record_.client = peer_text(client_);
  services_.open.enter(*this);
}

void Session::serve_requests(OnRequest on_request) {
  on_request_ = std::move(on_request);
  beginning_ = {target_, decision_, record_};
  start_deadline(net::kHeadTimeLimit, &Session::client_is_silent);
  read_until(&Session::take_head);
}

void Session::read_hello_and_connect() {
  start_deadline(net::kHelloTimeLimit, &Session::client_is_silent);
  read_until(&Session::take_hello);
}

void Session::read_until(Step step) {
  if (!buffer_.empty() && (this->*step)()) return;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReadStep);
  client_.async_read_some(
      asio::buffer(buffer_.data() + had, kReadStep),
      [self = shared_from_this(), step, had](const ErrorCode& error, std::size_t size) {
        if (error == asio::error::operation_aborted) return;  // the deadline ended the session
        self->buffer_.resize(had + size);
        if (error) return self->client_is_silent();
        if (self->idle_) self->begin_request();
        self->read_until(step);
      });
}

// Also the end of a client that left early. One that connected and said nothing (a port scan, the
// self-test) has asked for nothing and is no news.
void Session::client_is_silent() {
  ErrorCode ignored;
  client_.cancel(ignored);
  deadline_.cancel();
  if (answered_ && buffer_.empty()) return end_in_order(std::move(client_), shared_from_this());
  if (buffer_.empty() || !target_) return end_with_reset(client_);
  deny(408, {"incomplete-request", "the client did not complete its request"});
}

bool Session::take_head() {
  auto outcome = net::read_request_head(buffer_);
  if (!outcome) return false;
  deadline_.cancel();
  answers_http_ = true;
  if (!*outcome) {
    refuse_request(outcome->error());
    return true;
  }
  const net::RequestHead head = std::move(*outcome).value();
  buffer_.erase(0, head.size);
  const OnRequest on_request = on_request_;  // it may set another
  on_request(head);
  return true;
}

bool Session::take_hello() {
  const auto& hello = hello_.read(bytes_of(buffer_));
  if (hello.state == net::ClientHello::State::kNeedMore) return false;
  deadline_.cancel();
  if (hello.state != net::ClientHello::State::kComplete) {
    deny(403, {"tls-required", "TLS is required on this port: " + std::string(hello.fault)});
    return true;
  }
  auto fault = sni_fault(hello, *target_);
  if (!fault) fault = version_fault(hello, services_.min_tls_version);
  if (fault) {
    deny(403, *fault);
    return true;
  }
  connect([this] { pump_tunnel(); });
  return true;
}

bool Session::judge(policy::Protocol protocol, Target target) {
  decision_ = decide(services_.policy, protocol, target, record_.door);
  record_.name = target.host_text();
  record_.port = target.port;
  record_.protocol = audited(protocol);
  record_.verdict = decision_.verdict;
  record_.rule = decision_.rule;
  record_.reason = decision_.reason;
  target_ = std::move(target);
  if (decision_.allowed()) {
    allowance_ = services_.budgets.allowance_of(*target_);
    if (!allowance_ || allowance_->left() > 0) return true;
    deny(403, {std::string(kUploadRule), allowance_->spent_reason()});
    return false;
  }
  record_.status = 403;
  write_record();
  end_with(denied_reply(*target_, decision_.rule));
  return false;
}

void Session::deny(unsigned status, const Fault& fault) {
  record_.verdict = policy::Verdict::kDeny;
  record_.rule = fault.rule;
  record_.reason = fault.reason;
  record_.status = status;
  write_record();
  // The reason may quote the request and is for the audit alone.
  end_with(error_reply({status, "denied", fault.rule, "the request does not match its target"}));
}

void Session::refuse_request(std::string_view reason, unsigned status) {
  record_.protocol = AuditProtocol::kHttp;
  record_.verdict = policy::Verdict::kDeny;
  record_.rule = "bad-request";
  record_.reason = reason;
  record_.status = status;
  write_record();
  end_with(error_reply({status, "bad-request", "bad-request", "this is no request for a proxy"}));
}

void Session::fail(const UpstreamFailure& failure) {
  record_.error = failure.reason;
  record_.status = failure.status;
  write_record();
  end_with(error_reply({failure.status, failure.code, decision_.rule, failure.reason}));
}

void Session::end_with(std::string reply) {
  deadline_.cancel();
  if (!answers_http_) {
    end_with_reset(client_);
    if (upstream_.is_open()) end_with_reset(upstream_);
    return;
  }
  // The session stays until the client is gone, since it holds the connection's slot.
  send_to_client(std::move(reply),
                 [this] { end_in_order(std::move(client_), shared_from_this()); });
}

void Session::send_to_client(std::string bytes, std::function<void()> next) {
  outgoing_ = std::move(bytes);
  // A reply nearly always fits into the socket's buffer, and then this is one system call less to
  // wait for than an asynchronous write.
  const ssize_t sent = ::send(client_.native_handle(), outgoing_.data(), outgoing_.size(),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(outgoing_.size())) return next();
  const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  asio::async_write(
      client_, asio::buffer(outgoing_) + done,
      [self = shared_from_this(), next = std::move(next)](const ErrorCode& error, std::size_t) {
        if (!error) return next();
        // Nothing to tell a client that left; but an origin was reached for it.
        if (!self->upstream_.is_open()) return;
        self->record_.error = "the client left";
        self->write_record();
      });
}

void Session::start_deadline(std::chrono::seconds limit, void (Session::*on_expiry)()) {
  deadline_.expires_after(limit);
  // Weak: the deadline must not keep a session alive that has ended.
  deadline_.async_wait([weak = weak_from_this(), on_expiry](const ErrorCode& error) {
    const auto self = weak.lock();
    if (!error && self) ((*self).*on_expiry)();
  });
}

// What was not dialled has carried nothing. What was, and failed, was recorded when it did.
void Session::record_unfinished() {
  if (recorded_ || !upstream_.is_open()) return;
  if (const auto exchange = exchange_.lock()) {
    record_.bytes_up += exchange->up();
    record_.bytes_down += exchange->down();
  }
  record_.error = "unfinished at the end of the run";
  write_record();
}

void Session::write_record() {
  recorded_ = true;
  if (record_.verdict == policy::Verdict::kDeny) record_.flow = flow_of(client_);
  record_.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began_);
  services_.audit.record(record_);
}

}  // namespace awf::egress
