// One plain HTTP request with a chunked body, and its response.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "net/asio.hpp"
#include "net/chunked_body.hpp"
#include "net/pump.hpp"

namespace awf::egress {

// The end of a chunked body is known only by reading it, so these bytes pass through user space;
// not a byte behind that end is taken to the upstream. The response is relayed as it comes until
// the upstream closes. Lives until `on_done` has run.
class ChunkedRelay : public std::enable_shared_from_this<ChunkedRelay> {
 public:
  // `malformed` is empty unless the body was refused.
  using OnDone = std::function<void(const net::PumpTotals&, std::string_view malformed)>;

  // `head` goes first; `body_start` are bytes of the client that were read with the head.
  static void start(net::tcp::socket client, net::tcp::socket upstream, const std::string& head,
                    std::string_view body_start, OnDone on_done);

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{16} * 1024;

  ChunkedRelay(net::tcp::socket client, net::tcp::socket upstream, OnDone on_done);

  void send_up(std::string bytes);
  void read_up();
  void take_up(std::string_view bytes);
  void read_down();
  void send_down(std::size_t size);
  void restart_timer();
  void finish(net::PumpEnd reason);

  net::tcp::socket client_;
  net::tcp::socket upstream_;
  OnDone on_done_;  // kept afterwards, too: what it holds stays as long as the client does
  bool finished_ = false;
  net::asio::steady_timer timer_;
  net::ChunkedBody body_;
  net::PumpTotals totals_;
  std::string up_;
  std::array<char, kBufferBytes> from_client_{};
  std::array<char, kBufferBytes> from_upstream_{};
};

}  // namespace awf::egress
