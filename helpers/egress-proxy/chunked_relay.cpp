#include "egress-proxy/chunked_relay.hpp"

#include <utility>

#include "egress-proxy/socket_end.hpp"

namespace awf::egress {

using net::ErrorCode;
using net::PumpEnd;
namespace asio = net::asio;

ChunkedRelay::ChunkedRelay(net::tcp::socket client, net::tcp::socket upstream, OnDone on_done)
    : client_(std::move(client)),
      upstream_(std::move(upstream)),
      on_done_(std::move(on_done)),
      timer_(client_.get_executor()) {}

void ChunkedRelay::start(net::tcp::socket client, net::tcp::socket upstream,
                         const std::string& head, std::string_view body_start, OnDone on_done) {
  const std::shared_ptr<ChunkedRelay> relay(
      new ChunkedRelay(std::move(client), std::move(upstream), std::move(on_done)));
  relay->restart_timer();
  relay->read_down();
  const std::size_t ours = relay->body_.feed(body_start);
  if (relay->body_.state() == net::ChunkedBody::State::kMalformed) {
    return asio::post(relay->client_.get_executor(),
                      [relay] { relay->finish(PumpEnd::kClientAborted); });
  }
  relay->send_up(head + std::string(body_start.substr(0, ours)));
}

void ChunkedRelay::send_up(std::string bytes) {
  up_ = std::move(bytes);
  asio::async_write(upstream_, asio::buffer(up_),
                    [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                      self->totals_.up += size;
                      if (error) return self->finish(PumpEnd::kUpstreamAborted);
                      if (self->body_.state() == net::ChunkedBody::State::kOpen) self->read_up();
                    });
}

void ChunkedRelay::read_up() {
  client_.async_read_some(asio::buffer(from_client_),
                          [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                            // The end of the client's data within a body leaves a request that is
                            // never complete.
                            if (error) return self->finish(PumpEnd::kClientAborted);
                            self->restart_timer();
                            self->take_up({self->from_client_.data(), size});
                          });
}

void ChunkedRelay::take_up(std::string_view bytes) {
  const std::size_t ours = body_.feed(bytes);
  if (body_.state() == net::ChunkedBody::State::kMalformed) return finish(PumpEnd::kClientAborted);
  send_up(std::string(bytes.substr(0, ours)));
}

void ChunkedRelay::read_down() {
  upstream_.async_read_some(asio::buffer(from_upstream_),
                            [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                              if (error == asio::error::eof)
                                return self->finish(PumpEnd::kFinished);
                              if (error) return self->finish(PumpEnd::kUpstreamAborted);
                              self->restart_timer();
                              self->send_down(size);
                            });
}

void ChunkedRelay::send_down(std::size_t size) {
  asio::async_write(client_, asio::buffer(from_upstream_.data(), size),
                    [self = shared_from_this()](const ErrorCode& error, std::size_t sent) {
                      self->totals_.down += sent;
                      if (error) return self->finish(PumpEnd::kClientAborted);
                      self->read_down();
                    });
}

void ChunkedRelay::restart_timer() {
  timer_.expires_after(net::kTunnelHalfClosedIdleLimit);
  timer_.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->finish(PumpEnd::kIdleLimit);
  });
}

void ChunkedRelay::finish(PumpEnd reason) {
  if (std::exchange(finished_, true)) return;  // the other direction was first
  timer_.cancel();
  totals_.reason = reason;
  if (reason == PumpEnd::kFinished) {
    end_in_order(std::move(client_), shared_from_this());
    ErrorCode ignored;
    upstream_.close(ignored);  // nothing to learn from its failure: the descriptor is gone
  } else {
    end_with_reset(client_);
    end_with_reset(upstream_);
  }
  on_done_(totals_, body_.error());
}

}  // namespace awf::egress
