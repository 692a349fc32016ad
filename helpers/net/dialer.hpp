// Connecting to the first of several vetted addresses that answers ("happy eyeballs", RFC 8305).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "net/asio.hpp"
#include "net/limits.hpp"
#include "policy/ip_range.hpp"

namespace awf::net {

struct DialResult {
  ErrorCode error;     // of the first attempt when all failed; timed_out at the time limit
  tcp::socket socket;  // connected, with TCP_NODELAY and not blocking, when !error
  // The peer's when !error, otherwise the address of `error`.
  std::optional<policy::IpAddress> address;
};

// One attempt to reach one of several addresses. Both families alternate, IPv6 first (RFC 8305
// §4); the next attempt starts when the one before fails or after the stagger, so a family without
// a route costs nothing. The losers are closed. It lives until its callback has run or cancel().
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  using Callback = std::function<void(DialResult)>;

  struct Options {
    std::chrono::milliseconds stagger = kDialStagger;
    std::chrono::milliseconds time_limit = kDialTimeLimit;
  };

  // `callback` runs once, from the io_context, never from inside start(). An empty list gives
  // host_not_found.
  static std::shared_ptr<Dialer> start(asio::io_context& context,
                                       const std::vector<policy::IpAddress>& vetted,
                                       std::uint16_t port, Callback callback, Options options);
  static std::shared_ptr<Dialer> start(asio::io_context& context,
                                       const std::vector<policy::IpAddress>& vetted,
                                       std::uint16_t port, Callback callback) {
    return start(context, vetted, port, std::move(callback), Options{});
  }

  // The callback will not run any more; open attempts are closed.
  void cancel();

  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer();

 private:
  struct Attempt;
  Dialer(asio::io_context& context, std::uint16_t port, Callback callback, Options options);

  void start_next();
  void attempt_ended(Attempt& attempt, const ErrorCode& error);
  void arm_timer();
  void timer_fired();
  void remember(const ErrorCode& error, const policy::IpAddress& address);
  void fail(const ErrorCode& error);
  void finish(DialResult result);
  void close_all();

  asio::io_context& context_;
  std::uint16_t port_;
  Callback callback_;  // empty when it is finished or cancelled
  Callback posted_;    // about to run
  bool cancelled_ = false;
  Options options_;
  std::vector<policy::IpAddress> waiting_;  // the next one last
  std::vector<std::unique_ptr<Attempt>> attempts_;
  std::size_t running_ = 0;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point deadline_;
  ErrorCode first_error_;
  std::optional<policy::IpAddress> first_failed_;
};

// Both families in turn, IPv6 first, the order within a family kept. Pure.
std::vector<policy::IpAddress> interleaved(const std::vector<policy::IpAddress>& addresses);

}  // namespace awf::net
