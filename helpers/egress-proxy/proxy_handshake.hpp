// CONNECT through an upstream proxy, on a socket that leads to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/asio.hpp"

namespace awf::egress {

// Lives by itself until its callback has run.
class ProxyHandshake : public std::enable_shared_from_this<ProxyHandshake> {
 public:
  // Without a fault the proxy has said 2xx, and the next byte of the socket is the first of the
  // tunnel. The fault is one clause about the proxy ("answered 403", "did not answer in time"), and
  // the socket is closed then.
  using Callback = std::function<void(net::tcp::socket, const std::optional<std::string>& fault)>;

  // `callback` runs once, from the io_context, never from inside start().
  static void start(net::tcp::socket socket, std::string request, Callback callback);

 private:
  ProxyHandshake(net::tcp::socket socket, std::string request, Callback callback);

  void send_request();
  void wait_for_reply();
  void read_reply();
  void judge();
  void fail(const std::string& why);
  void finish(const std::optional<std::string>& fault);

  net::tcp::socket socket_;
  net::asio::steady_timer limit_;
  std::string request_;
  std::string reply_;
  Callback callback_;  // empty when it has run
};

}  // namespace awf::egress
