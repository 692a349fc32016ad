// A Pump between two loopback connections: client — [client side | upstream side] — server. The
// outer ends are driven from the same thread, by hand.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "loopback.hpp"
#include "net/pump.hpp"

namespace awf::net::testing {

// Longer than any test; a loop that runs into it has hung.
inline constexpr std::chrono::seconds kPatience{20};

class PumpTest : public ::testing::Test {
 protected:
  void start(PumpOptions options = {}) {
    Pair front = tcp_pair(io, io);
    Pair back = tcp_pair(io, io);
    client = std::move(front.first);
    server = std::move(back.second);
    pump = Pump::start(pool, std::move(front.second), std::move(back.first), std::move(options),
                       [this](const PumpTotals& done) { totals = done; });
  }

  template <typename Condition>
  bool run_until(Condition condition) {
    io.restart();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      // In short turns: a condition may itself do what the next event waits for.
      if (io.run_one_for(std::chrono::milliseconds(5)) != 0) continue;
      if (io.stopped() || std::chrono::steady_clock::now() >= deadline) return condition();
    }
    return true;
  }

  PumpEnd run_to_end() {
    EXPECT_TRUE(run_until([&] { return totals.has_value(); }));
    return totals.value_or(PumpTotals{}).reason;
  }

  // Writes all, then says "no more" if asked to.
  void send(tcp::socket& socket, const std::string& bytes, bool and_close) {
    asio::async_write(socket, asio::buffer(bytes), [&socket, and_close](ErrorCode, std::size_t) {
      ErrorCode ignored;
      if (and_close) (void)socket.shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  // Reads to the end of the data; `error` tells how it ended.
  void collect(tcp::socket& socket, std::string& into, ErrorCode& error) {
    asio::async_read(socket, asio::dynamic_buffer(into),
                     [&error](ErrorCode e, std::size_t) { error = e; });
  }

  void read_exactly(tcp::socket& socket, std::string& into, std::size_t size) {
    bool done = false;
    into.resize(size);
    asio::async_read(socket, asio::buffer(into), [&](ErrorCode error, std::size_t) {
      EXPECT_FALSE(error) << error.message();
      done = true;
    });
    EXPECT_TRUE(run_until([&] { return done; }));
  }

  asio::io_context io{1};
  PipePool pool;
  tcp::socket client{io};
  tcp::socket server{io};
  std::shared_ptr<Pump> pump;
  std::optional<PumpTotals> totals;
};

// Closes with a reset instead of an orderly end.
inline void reset(tcp::socket& socket) {
  socket.set_option(asio::socket_base::linger(true, 0));
  socket.close();
}

}  // namespace awf::net::testing
