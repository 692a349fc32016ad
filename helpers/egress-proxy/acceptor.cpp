#include "egress-proxy/acceptor.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "common/check.hpp"

namespace awf::egress {
namespace {

// Without a free descriptor accept(2) fails at once, again and again.
constexpr std::chrono::milliseconds kPauseAfterError{50};
// Clients accepted before other connections get their turn.
constexpr int kAcceptsPerTurn = 16;

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
      family_(family_of(listener.get())),
      acceptor_(context),
      timer_(context),
      slots_(slots),
      on_connection_(std::move(on_connection)) {
  // A listener that is blocking would stop the whole proxy when a client leaves the queue early.
  check(::fcntl(listener.get(), F_SETFL, O_NONBLOCK), "making a listener non-blocking");
  acceptor_.assign(family_, listener.get());
  (void)listener.release();  // owned by the acceptor now
}

Acceptor::~Acceptor() {
  slots_.forget(this);
}

void Acceptor::start() {
  if (slots_.free() == 0) {
    slots_.when_free(this, [this] { net::asio::post(context_, [this] { start(); }); });
    return;
  }
  acceptor_.async_wait(net::tcp::acceptor::wait_read, [this](const net::ErrorCode& error) {
    if (!error) accept_waiting();  // otherwise the door is gone
  });
}

// Not Asio's accept: its operation is large, and Asio would reuse that memory for the small, long
// waits of a tunnel.
void Acceptor::accept_waiting() {
  for (int i = 0; i < kAcceptsPerTurn && slots_.free() > 0; ++i) {
    const int client =
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0 && errno == EAGAIN) break;
    // Whatever else it is (ECONNABORTED, EMFILE), later clients may succeed.
    if (client < 0) return pause();
    on_connection_(net::tcp::socket(context_, family_, client), ConnectionSlots::Slot(slots_));
  }
  start();
}

void Acceptor::pause() {
  timer_.expires_after(kPauseAfterError);
  timer_.async_wait([this](const net::ErrorCode& error) {
    if (!error) start();
  });
}

}  // namespace awf::egress
