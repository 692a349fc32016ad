#include "egress-proxy/http_exchange.hpp"

#include <algorithm>
#include <utility>

#include "egress-proxy/forward_head.hpp"
#include "net/limits.hpp"

namespace awf::egress {
namespace {

using net::ErrorCode;
using net::TransferEnd;
namespace asio = net::asio;

constexpr std::size_t kResponseStep = 4096;

std::uint64_t sent_by(const std::weak_ptr<net::MessageTransfer>& transfer) {
  const auto running = transfer.lock();
  return running ? running->sent() : 0;
}

}  // namespace

HttpExchange::HttpExchange(Means means, net::tcp::socket& client, net::tcp::socket& origin,
                           ForwardedRequest request, OnDone on_done)
    : means_(means),
      client_(client),
      origin_(origin),
      request_(std::move(request)),
      on_done_(std::move(on_done)),
      timer_(client.get_executor()) {}

std::shared_ptr<HttpExchange> HttpExchange::start(Means means, net::tcp::socket& client,
                                                  net::tcp::socket& origin,
                                                  ForwardedRequest request,
                                                  const std::string& from_client, OnDone on_done) {
  std::shared_ptr<HttpExchange> exchange(
      new HttpExchange(means, client, origin, std::move(request), std::move(on_done)));
  exchange->send_request(from_client);
  exchange->read_response();
  exchange->watch_for_silence();
  return exchange;
}

std::uint64_t HttpExchange::up() const {
  return up_sent_ + sent_by(up_);
}

std::uint64_t HttpExchange::down() const {
  return down_sent_ + sent_by(down_);
}

// --- the request ------------------------------------------------------------------------------

void HttpExchange::send_request(const std::string& from_client) {
  const auto ended = [self = shared_from_this()](TransferEnd end, const std::string& unread) {
    self->request_ended(end, unread);
  };
  if (request_.body.kind == net::BodyFraming::Kind::kChunked) {
    up_ = net::ChunkedTransfer::start(client_, origin_, std::move(request_.head), from_client,
                                      net::ChunkedBody::Of::kRequest, means_.meter, ended);
    return;
  }
  const std::uint64_t length = request_.body.length;  // 0 without a body
  const auto at_hand =
      static_cast<std::size_t>(std::min<std::uint64_t>(length, from_client.size()));
  std::string initial = std::move(request_.head) + from_client.substr(0, at_hand);
  outcome_.from_client = from_client.substr(at_hand);
  up_ = net::Transfer::start(means_.pipes, client_, origin_, std::move(initial), length - at_hand,
                             means_.meter, ended);
}

void HttpExchange::request_ended(TransferEnd end, const std::string& unread) {
  const auto transfer = std::exchange(up_, {}).lock();
  up_sent_ += transfer->sent();
  outcome_.from_client += unread;
  request_over_ = true;
  switch (end) {
    case TransferEnd::kComplete:
      request_whole_ = true;
      break;
    case TransferEnd::kToAborted:
      break;  // an origin may answer before it has read a body, and close
    case TransferEnd::kEndOfData:
    case TransferEnd::kFromAborted:
      if (!response_over_) return break_off("client aborted");
      break;
    case TransferEnd::kMalformed: {
      const auto* chunked = dynamic_cast<const net::ChunkedTransfer*>(transfer.get());
      return break_off(chunked != nullptr ? std::string(chunked->fault()) : "malformed body");
    }
    case TransferEnd::kNoResources:
      return break_off("no pipe could be made");
    case TransferEnd::kOverBudget:
      return break_off({}, End::kOverBudget);
  }
  if (response_over_) finish(End::kAnswered);
}

// --- the response -----------------------------------------------------------------------------

void HttpExchange::read_response() {
  const std::size_t had = response_.size();
  response_.resize(had + kResponseStep);
  origin_.async_read_some(
      asio::buffer(response_.data() + had, kResponseStep),
      [self = shared_from_this(), had](const ErrorCode& error, std::size_t size) {
        if (!self->on_done_) return;
        self->response_.resize(had + size);
        if (error && self->response_.empty()) {
          return self->break_off("gave no answer", End::kNoAnswer);
        }
        if (error) return self->bad_answer("its response head is cut off");
        self->take_response();
      });
}

void HttpExchange::take_response() {
  auto read = net::read_response_head(response_);
  if (!read) return read_response();
  if (!*read) return bad_answer(read->error());
  const net::ResponseHead head = std::move(*read).value();
  if (head.status == 101) {
    outcome_.status = 101;
    outcome_.from_origin = std::move(response_);
    if (!request_.is_websocket) return bad_answer("it switched protocols unasked");
    return break_off({}, End::kUpgraded);
  }
  if (head.status < 200) return take_interim(head);
  take_final(head);
}

// RFC 9110 §15.2: a proxy passes interim responses on. Of 100, only the one that was asked for: a
// client that did not ask may take it for the answer.
void HttpExchange::take_interim(const net::ResponseHead& head) {
  if (++interims_ > net::kMaxInterimResponses) return bad_answer("too many interim responses");
  response_.erase(0, head.size);
  const bool wanted =
      head.status == 100 ? std::exchange(request_.expects_continue, false) : !request_.is_http_1_0;
  if (!wanted) return take_response();
  interim_ = interim_head(head);
  asio::async_write(client_, asio::buffer(interim_),
                    [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                      if (!self->on_done_) return;
                      self->down_sent_ += size;
                      if (error) return self->break_off("client aborted");
                      self->take_response();
                    });
}

void HttpExchange::take_final(const net::ResponseHead& head) {
  const auto framing = net::response_framing(head, request_.method);
  if (!framing) return bad_answer(framing.error());
  using Kind = net::ResponseFraming::Kind;
  framing_ = *framing;
  outcome_.status = head.status;
  outcome_.origin_goes_on =
      request_.origin_goes_on && framing_.kind != Kind::kUntilClose && origin_goes_on(head);
  // A client that has not sent its whole body when the answer comes may never send it (RFC 9110
  // §10.1.1), so what it sends next would have two readings.
  outcome_.client_goes_on =
      request_.client_goes_on && framing_.kind != Kind::kUntilClose && request_whole_;
  response_.erase(0, head.size);
  relay(head, framing_);
}

void HttpExchange::relay(const net::ResponseHead& head, const net::ResponseFraming& framing) {
  using Kind = net::ResponseFraming::Kind;
  const auto ended = [self = shared_from_this()](TransferEnd end, const std::string& unread) {
    self->response_ended(end, unread);
  };
  std::string out = response_head(head, framing, outcome_.client_goes_on);
  if (framing.kind == Kind::kChunked) {
    down_ = net::ChunkedTransfer::start(origin_, client_, std::move(out), response_,
                                        net::ChunkedBody::Of::kResponse, nullptr, ended);
    return;
  }
  std::optional<std::uint64_t> rest;
  std::size_t at_hand = response_.size();
  if (framing.kind != Kind::kUntilClose) {
    at_hand = static_cast<std::size_t>(std::min<std::uint64_t>(framing.length, at_hand));
    rest = framing.length - at_hand;
  }
  // What an origin sends behind its response is nobody's.
  if (at_hand < response_.size()) outcome_.origin_goes_on = false;
  out.append(response_, 0, at_hand);
  response_.clear();
  down_ =
      net::Transfer::start(means_.pipes, origin_, client_, std::move(out), rest, nullptr, ended);
}

void HttpExchange::response_ended(TransferEnd end, const std::string& unread) {
  down_sent_ += std::exchange(down_, {}).lock()->sent();
  if (!unread.empty()) outcome_.origin_goes_on = false;
  const bool until_close = framing_.kind == net::ResponseFraming::Kind::kUntilClose;
  if (end == TransferEnd::kToAborted) return break_off("client aborted");
  if (end == TransferEnd::kMalformed) return break_off("malformed chunked response");
  if (end == TransferEnd::kNoResources) return break_off("no pipe could be made");
  if (end != (until_close ? TransferEnd::kEndOfData : TransferEnd::kComplete)) {
    return break_off("upstream aborted");
  }
  response_over_ = true;
  if (request_over_) return finish(End::kAnswered);
  // The client learns that there is no more, while what it still sends goes on to the origin.
  ErrorCode ignored;  // a client that is gone shows in the other direction
  (void)client_.shutdown(net::tcp::socket::shutdown_send, ignored);
}

// --- the end ----------------------------------------------------------------------------------

// One timer: what has moved since it was set is looked at when it fires.
void HttpExchange::watch_for_silence() {
  timer_.expires_after(means_.presence.check_interval());
  timer_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (!error && self && self->on_done_) self->look_around();
  });
}

void HttpExchange::look_around() {
  // Until its request is whole a client that leaves ends the transfer of the request.
  if (request_over_ && means_.presence.has_left(client_)) {
    return break_off("the client left", End::kLeft);
  }
  const auto now = std::chrono::steady_clock::now();
  const std::uint64_t moved = up() + down();
  if (std::exchange(seen_moving_, moved) != moved) moved_last_ = now;
  if (now - moved_last_ < net::kTunnelHalfClosedIdleLimit) return watch_for_silence();
  break_off("idle limit", moved == up() ? End::kNoAnswer : End::kBroken);
}

void HttpExchange::bad_answer(std::string fault) {
  break_off("no valid HTTP response: " + std::move(fault), End::kBadAnswer);
}

void HttpExchange::break_off(std::string fault, End end) {
  outcome_.fault = std::move(fault);
  finish(end);
}

void HttpExchange::finish(End end) {
  if (!on_done_) return;
  timer_.cancel();
  outcome_.end = end;
  outcome_.up = up();
  outcome_.down = down();
  for (const auto& side : {up_, down_}) {
    if (const auto running = side.lock()) running->stop();
  }
  const auto self = shared_from_this();  // what was stopped held us
  asio::post(client_.get_executor(), [self, on_done = std::exchange(on_done_, nullptr)] {
    on_done(std::move(self->outcome_));
  });
}

}  // namespace awf::egress
