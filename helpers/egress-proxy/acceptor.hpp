// Taking connections from a listening socket that was made inside the sandbox.
#pragma once

#include <functional>

#include "common/unique_fd.hpp"
#include "egress-proxy/connection_slots.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// Accepts as long as there are free slots, from start() until it goes.
class Acceptor {
 public:
  using OnConnection = std::function<void(net::tcp::socket, ConnectionSlots::Slot)>;

  // `listener` must listen; its family is asked of it. Throws SystemFailure.
  Acceptor(net::asio::io_context& context, UniqueFd listener, ConnectionSlots& slots,
           OnConnection on_connection);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();

  void start();

 private:
  void accept_waiting();
  void pause();

  net::asio::io_context& context_;
  net::tcp family_;
  net::tcp::acceptor acceptor_;
  net::asio::steady_timer timer_;
  ConnectionSlots& slots_;
  OnConnection on_connection_;
};

}  // namespace awf::egress
