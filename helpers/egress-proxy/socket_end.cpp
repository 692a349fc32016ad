#include "egress-proxy/socket_end.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace awf::egress {
namespace {

constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = std::size_t{256} * 1024;

// Keeps itself alive until the peer has closed or a bound is met.
class Lingering : public std::enable_shared_from_this<Lingering> {
 public:
  Lingering(net::tcp::socket socket, std::shared_ptr<void> owner)
      : owner_(std::move(owner)), socket_(std::move(socket)), timer_(socket_.get_executor()) {}

  void start() {
    timer_.expires_after(kLingerTime);
    timer_.async_wait([self = shared_from_this()](const net::ErrorCode& error) {
      if (!error) end_with_reset(self->socket_);
    });
    read();
  }

 private:
  void read() {
    socket_.async_read_some(
        net::asio::buffer(buffer_),
        [self = shared_from_this()](const net::ErrorCode& error, std::size_t size) {
          self->seen_ += size;
          if (error || self->seen_ > kLingerBytes) {
            self->timer_.cancel();
            return;  // the last reference goes, and with it the socket
          }
          self->read();
        });
  }

  std::shared_ptr<void> owner_;
  net::tcp::socket socket_;
  net::asio::steady_timer timer_;
  std::size_t seen_ = 0;
  std::array<char, 1024> buffer_{};
};

}  // namespace

void end_with_reset(net::tcp::socket& socket) {
  // Failures mean that the peer was faster; the descriptor is closed all the same.
  net::ErrorCode ignored;
  socket.set_option(net::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

void end_in_order(net::tcp::socket socket, std::shared_ptr<void> owner) {
  net::ErrorCode error;
  socket.shutdown(net::tcp::socket::shutdown_send, error);
  if (error) return;  // not connected any more
  std::make_shared<Lingering>(std::move(socket), std::move(owner))->start();
}

}  // namespace awf::egress
