// The second half of Session: from an allowed target to bytes that move.
#include <algorithm>
#include <memory>
#include <utility>

#include "common/text.hpp"
#include "egress-proxy/chunked_relay.hpp"
#include "egress-proxy/forward_head.hpp"
#include "egress-proxy/packed_record.hpp"
#include "egress-proxy/session.hpp"
#include "egress-proxy/socket_end.hpp"
#include "net/limits.hpp"

namespace awf::egress {
namespace {

using net::ErrorCode;
namespace asio = net::asio;

constexpr std::size_t kResponseStep = 4096;
constexpr std::size_t kStatusLineStart = 12;  // "HTTP/1.1 200"

// What remains of a session while its bytes move.
class Tunnel final : public OpenConnection {
 public:
  Tunnel(Services& services, const AuditRecord& record, ConnectionSlots::Slot slot,
         std::chrono::steady_clock::time_point began)
      : audit_(services.audit), packed_(record), slot_(std::move(slot)), began_(began) {
    services.open.enter(*this);
  }

  void runs_in(const std::shared_ptr<net::Pump>& pump) { pump_ = pump; }

  void ended(const net::PumpTotals& totals, std::string_view fault) {
    const bool orderly = totals.reason == net::PumpEnd::kFinished;
    record(totals, fault.empty() && !orderly ? net::describe(totals.reason) : fault);
  }

  void record_unfinished() override {
    const auto pump = pump_.lock();
    if (!recorded_) record(pump ? pump->totals() : net::PumpTotals{}, {});
  }

 private:
  void record(const net::PumpTotals& totals, std::string_view error) {
    recorded_ = true;
    AuditRecord record = packed_.unpack();
    record.bytes_up += totals.up;
    record.bytes_down = totals.down;
    record.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began_);
    record.error = error;
    audit_.record(record);
  }

  AuditLog& audit_;
  PackedRecord packed_;
  ConnectionSlots::Slot slot_;
  bool recorded_ = false;
  std::chrono::steady_clock::time_point began_;
  std::weak_ptr<net::Pump> pump_;
};

// The status of "HTTP/1.x NNN", or nothing.
std::optional<unsigned> status_of_response(std::string_view start) {
  if (start.size() < kStatusLineStart || !start.starts_with("HTTP/1.") || start[8] != ' ') {
    return std::nullopt;
  }
  return parse_number<unsigned>(start.substr(9, 3));
}

}  // namespace

void Session::check_and_forward(const net::RequestHead& head) {
  record_.method = head.method;
  const auto origin_form = origin_form_of(head, *target_);
  if (!origin_form) return refuse_request(origin_form.error());
  if (const auto fault = host_fault(head, *target_)) return deny(421, *fault);
  forward_request(head, *origin_form);
}

void Session::forward_request(const net::RequestHead& head, const std::string& origin_form) {
  record_.method = head.method;
  record_.path = origin_form.substr(0, origin_form.find('?'));
  if (const std::string* agent = head.field("User-Agent")) record_.user_agent = *agent;
  body_ = head.body;
  websocket_ = asks_for_websocket(head);
  std::string request = forward_head(head, origin_form, *target_);
  // What becomes a tunnel needs one all the way.
  use_ = websocket_ ? Upstream::Use::kTunnel : Upstream::Use::kRequest;
  if (!websocket_) request = services_.upstream.request_for(*target_, request);
  // Not outgoing_: an error reply on the way would overwrite it.
  connect([this, request = std::move(request)]() mutable {
    outgoing_ = std::move(request);
    send_request();
  });
}

void Session::find_addresses(std::function<void()> next) {
  services_.upstream.find(
      *target_, [self = shared_from_this(), next = std::move(next)](Upstream::Found found) {
        if (found.failure) return self->fail(*found.failure);
        self->addresses_ = std::move(found.addresses);
        next();
      });
}

void Session::connect(std::function<void()> next) {
  if (!addresses_.empty()) return dial(std::move(next));
  find_addresses([this, next = std::move(next)]() mutable { dial(std::move(next)); });
}

void Session::dial(std::function<void()> next) {
  services_.upstream.dial(
      *target_, addresses_, use_,
      [self = shared_from_this(), next = std::move(next)](Upstream::Connected connected) {
        if (connected.result.address) self->record_.address = connected.result.address->text();
        if (connected.failure) return self->fail(*connected.failure);
        self->upstream_ = std::move(connected.result.socket);
        next();
      });
}

void Session::pump_tunnel() {
  record_.status = 200;
  net::PumpOptions options;
  options.initial_up = std::move(buffer_);
  pump(std::move(options));
}

// One request and not a byte more: what the client sent behind it, perhaps a second request for
// another place, is never taken from it.
void Session::send_request() {
  if (body_.kind == net::BodyFraming::Kind::kChunked) return relay_chunked();
  if (body_.kind == net::BodyFraming::Kind::kLength && body_.length > 0) {
    const std::uint64_t at_hand = std::min<std::uint64_t>(body_.length, buffer_.size());
    net::PumpOptions options;
    options.initial_up = outgoing_ + buffer_.substr(0, at_hand);
    options.up_limit = body_.length - at_hand;
    return pump(std::move(options));
  }
  start_deadline(net::kTunnelHalfClosedIdleLimit, &Session::origin_is_silent);
  asio::async_write(upstream_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                      self->record_.bytes_up += size;
                      if (error) return self->origin_is_silent();
                      self->read_response_start();
                    });
}

// The status line is looked at for the access log, and because only "101 Switching Protocols" to a
// WebSocket handshake may turn a request into a tunnel.
void Session::read_response_start() {
  const std::size_t had = response_.size();
  response_.resize(had + kResponseStep);
  upstream_.async_read_some(
      asio::buffer(response_.data() + had, kResponseStep),
      [self = shared_from_this(), had](const ErrorCode& error, std::size_t size) {
        if (error == asio::error::operation_aborted) return;  // the deadline ended the session
        self->response_.resize(had + size);
        if (error) return self->origin_is_silent();
        if (self->response_.size() < kStatusLineStart) return self->read_response_start();
        self->on_response_start();
      });
}

void Session::origin_is_silent() {
  deadline_.cancel();
  ErrorCode ignored;
  upstream_.close(ignored);  // ends a pending read, too
  fail({502, "no-response", target_->text() + " gave no answer"});
}

void Session::on_response_start() {
  deadline_.cancel();
  const auto status = status_of_response(response_);
  if (!status) return fail({502, "bad-response", target_->text() + " did not answer in HTTP/1"});
  if (*status == 101 && !websocket_) {
    return fail({502, "bad-response", target_->text() + " switched protocols unasked"});
  }
  record_.status = *status;
  net::PumpOptions options;
  options.initial_down = std::move(response_);
  if (*status == 101) {
    options.initial_up = std::move(buffer_);
  } else {
    options.up_limit = 0;
  }
  pump(std::move(options));
}

void Session::pump(net::PumpOptions options) {
  deadline_.cancel();
  auto tunnel = std::make_shared<Tunnel>(services_, record_, std::move(slot_), began_);
  // on_done never runs from inside start().
  tunnel->runs_in(net::Pump::start(
      services_.pipes, std::move(client_), std::move(upstream_), std::move(options),
      [tunnel](const net::PumpTotals& totals) { tunnel->ended(totals, {}); }));
}

void Session::relay_chunked() {
  auto tunnel = std::make_shared<Tunnel>(services_, record_, std::move(slot_), began_);
  ChunkedRelay::start(std::move(client_), std::move(upstream_), outgoing_, buffer_,
                      [tunnel](const net::PumpTotals& totals, std::string_view malformed) {
                        tunnel->ended(totals, malformed);
                      });
}

}  // namespace awf::egress
