#include "egress-proxy/acceptor.hpp"

#include <sys/socket.h>

#include <chrono>

#include "common/check.hpp"

namespace awf::egress {
namespace {

// Without a free descriptor accept(2) fails at once, again and again.
constexpr std::chrono::milliseconds kPauseAfterError{50};

net::tcp family_of(int listener) {
  int domain = 0;
  socklen_t size = sizeof domain;
  check(::getsockopt(listener, SOL_SOCKET, SO_DOMAIN, &domain, &size),
        "asking a listening socket for its family");
  return domain == AF_INET6 ? net::tcp::v6() : net::tcp::v4();
}

}  // namespace

Acceptor::Acceptor(net::asio::io_context& context, UniqueFd listener, ConnectionSlots& slots,
                   OnConnection on_connection)
    : context_(context),
      acceptor_(context),
      timer_(context),
      slots_(slots),
      on_connection_(std::move(on_connection)) {
  acceptor_.assign(family_of(listener.get()), listener.get());
  (void)listener.release();  // owned by the acceptor now
}

Acceptor::~Acceptor() {
  slots_.forget(this);
}

void Acceptor::start() {
  accept_next();
}

void Acceptor::accept_next() {
  if (slots_.free() == 0) {
    slots_.when_free(this, [this] { net::asio::post(context_, [this] { accept_next(); }); });
    return;
  }
  acceptor_.async_accept([this](const net::ErrorCode& error, net::tcp::socket client) {
    if (error == net::asio::error::operation_aborted) return;
    // Whatever else it is (ECONNABORTED, EMFILE, a peer that is gone), later clients may succeed.
    if (error) return pause();
    // Another door may have taken the last slot meanwhile; this client then finds a closed door.
    if (slots_.free() > 0) on_connection_(std::move(client), ConnectionSlots::Slot(slots_));
    accept_next();
  });
}

void Acceptor::pause() {
  timer_.expires_after(kPauseAfterError);
  timer_.async_wait([this](const net::ErrorCode& error) {
    if (!error) accept_next();
  });
}

}  // namespace awf::egress
