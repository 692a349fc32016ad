// Session's plain HTTP: one request after another, each to the place that was judged for it.
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "egress-proxy/forward_head.hpp"
#include "egress-proxy/session.hpp"
#include "egress-proxy/socket_end.hpp"
#include "net/limits.hpp"

namespace awf::egress {
namespace {

// Has the origin neither closed this connection nor said anything on it since its last response?
bool is_still_quiet(net::tcp::socket& socket) {
  char next = 0;
  return ::recv(socket.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
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
  const auto expectation = expectation_of(head);
  if (expectation == Expectation::kUnknown) {
    return refuse_request("an expectation other than 100-continue", 417);
  }
  const bool websocket = asks_for_websocket(head);
  // What becomes a tunnel needs one all the way.
  use_ = websocket ? Upstream::Use::kTunnel : Upstream::Use::kRequest;
  std::string forwarded = forward_head(head, origin_form, *target_);
  if (!websocket) forwarded = services_.upstream.request_for(*target_, forwarded);
  request_ = ForwardedRequest{.head = std::move(forwarded),
                              .method = head.method,
                              .body = head.body,
                              .is_http_1_0 = head.minor_version == 0,
                              .expects_continue = expectation == Expectation::kContinue,
                              .is_websocket = websocket,
                              .client_goes_on = client_may_go_on(head),
                              .origin_goes_on = origin_may_go_on(head)};
  if (!websocket && is_repeatable(head) && take_kept()) return start_exchange(true);
  kept_.reset();
  connect([this] { start_exchange(false); });
}

// The kept connection leads to the address that was vetted for the same name and port.
bool Session::take_kept() {
  if (!kept_ || !(kept_->target == *target_) || !is_still_quiet(kept_->socket)) return false;
  upstream_ = std::move(kept_->socket);
  record_.address = std::move(kept_->address);
  kept_.reset();
  return true;
}

void Session::start_exchange(bool on_kept_connection) {
  watch_for_reset();
  // A repeatable request may be needed again.
  exchange_ = HttpExchange::start(
      {services_.pipes, services_.presence, allowance_.get()}, client_, upstream_, request_,
      std::exchange(buffer_, {}),
      [self = shared_from_this(), on_kept_connection](HttpExchange::Outcome outcome) {
        self->exchange_ended(std::move(outcome), on_kept_connection);
      });
}

void Session::exchange_ended(HttpExchange::Outcome outcome, bool on_kept_connection) {
  using End = HttpExchange::End;
  exchange_.reset();
  buffer_ = std::move(outcome.from_client);
  record_.bytes_up += outcome.up;
  record_.bytes_down += outcome.down;
  if (outcome.status != 0) record_.status = outcome.status;
  switch (outcome.end) {
    case End::kAnswered:
      return go_on_or_close(outcome);
    case End::kUpgraded: {
      net::PumpOptions options;
      options.initial_up = std::move(buffer_);
      options.initial_down = std::move(outcome.from_origin);
      return pump(std::move(options));
    }
    case End::kNoAnswer:
      // It may have closed between two requests (RFC 9112 §9.5): once more on a new connection.
      if (on_kept_connection) return connect([this] { start_exchange(false); });
      return fail({502, "no-response", target_->text() + " " + outcome.fault});
    case End::kBadAnswer:
      return fail({502, "bad-response", target_->text() + ": " + outcome.fault});
    case End::kBroken:
      return break_both(outcome.fault);
    case End::kLeft:
      return close_both(outcome.fault);
    case End::kOverBudget:
      return over_budget();
  }
}

void Session::go_on_or_close(const HttpExchange::Outcome& outcome) {
  write_record();
  answered_ = true;
  if (outcome.client_goes_on && outcome.origin_goes_on) {
    kept_.emplace(Kept{std::move(upstream_), *target_, record_.address});
  }
  net::ErrorCode ignored;  // nothing to learn from its failure: the descriptor is gone
  upstream_.close(ignored);
  if (outcome.client_goes_on) return next_request();
  end_in_order(std::move(client_), shared_from_this());
}

// Nothing that was decided for one request is left for the next.
void Session::next_request() {
  target_ = beginning_.target;
  decision_ = beginning_.decision;
  record_ = beginning_.record;
  recorded_ = false;
  addresses_.clear();
  if (!buffer_.empty()) {
    begin_request();
  } else {
    idle_ = true;
    start_deadline(net::kKeepAliveIdleLimit, &Session::client_is_silent);
  }
  read_until(&Session::take_head);
}

void Session::begin_request() {
  idle_ = false;
  record_.time = std::chrono::system_clock::now();
  began_ = std::chrono::steady_clock::now();
  start_deadline(net::kHeadTimeLimit, &Session::client_is_silent);
}

// While a response is awaited nothing is read from the client; a reset must be noticed all the
// same. One watch lasts for the connection's life.
void Session::watch_for_reset() {
  if (std::exchange(watched_, true)) return;
  client_.async_wait(
      net::tcp::socket::wait_error, [weak = weak_from_this()](const net::ErrorCode& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        const auto exchange = self->exchange_.lock();
        int fault = 0;
        socklen_t size = sizeof fault;
        const int rc =
            ::getsockopt(self->client_.native_handle(), SOL_SOCKET, SO_ERROR, &fault, &size);
        // Urgent data ends this wait, too; it is no reason to end anything.
        if (exchange && (rc != 0 || fault != 0)) exchange->client_aborted();
      });
}

void Session::break_both(std::string_view why) {
  record_.error = why;
  write_record();
  end_with_reset(client_);
  end_with_reset(upstream_);
}

// The origin has got all that the client sent before it left; nothing was cut off.
void Session::close_both(std::string_view why) {
  record_.error = why;
  write_record();
  net::ErrorCode ignored;  // the descriptors are closed all the same
  client_.close(ignored);
  upstream_.close(ignored);
}

void Session::over_budget() {
  deny_over_budget(record_, *allowance_);
  write_record();
  end_with_reset(client_);
  end_with_reset(upstream_);
}

}  // namespace awf::egress
