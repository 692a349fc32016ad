// A Pump between two loopback connections: client — [client side | upstream side] — server. The
// outer ends are driven from the same thread, by hand.
#include "net/pump.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <random>

#include "loopback.hpp"

namespace awf::net {
namespace {

using namespace std::chrono_literals;
using testing::count_pipe_ends;
using testing::Pair;
using testing::tcp_pair;

// Longer than any test; a loop that runs into it has hung.
constexpr auto kPatience = 20s;

std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random() & 0xffU);
  return bytes;
}

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
      if (io.run_one_until(deadline) == 0) return condition();
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

TEST_F(PumpTest, eight_mebibytes_arrive_unchanged_both_ways) {
  constexpr std::size_t kSize = std::size_t{8} << 20U;
  start();
  const std::string up = random_bytes(kSize);
  const std::string down = random_bytes(kSize + 1);
  std::string got_up;
  std::string got_down;
  ErrorCode up_end;
  ErrorCode down_end;
  send(client, up, true);
  send(server, down, true);
  collect(server, got_up, up_end);
  collect(client, got_down, down_end);
  EXPECT_EQ(run_to_end(), PumpEnd::kFinished);
  EXPECT_TRUE(run_until([&] { return up_end && down_end; }));
  EXPECT_TRUE(got_up == up);
  EXPECT_TRUE(got_down == down);
  EXPECT_EQ(up_end, asio::error::eof);
  EXPECT_EQ(down_end, asio::error::eof);
  EXPECT_EQ(totals->up, up.size());
  EXPECT_EQ(totals->down, down.size());
}

TEST_F(PumpTest, bytes_read_before_the_pump_go_first) {
  PumpOptions options;
  options.initial_up = "hello ";
  options.initial_down = "early ";
  start(std::move(options));
  send(client, "up", false);
  send(server, "down", false);
  std::string got;
  read_exactly(server, got, 8);
  EXPECT_EQ(got, "hello up");
  read_exactly(client, got, 10);
  EXPECT_EQ(got, "early down");
  EXPECT_EQ(pump->totals().up, 8U);
  EXPECT_EQ(pump->totals().down, 10U);
  pump->stop();
}

TEST_F(PumpTest, a_half_close_is_passed_on_and_the_other_half_stays_open) {
  start();
  std::string request;
  ErrorCode request_end;
  send(client, "request", true);
  collect(server, request, request_end);
  ASSERT_TRUE(run_until([&] { return !!request_end; }));
  EXPECT_EQ(request_end, asio::error::eof);
  EXPECT_EQ(request, "request");
  EXPECT_FALSE(totals.has_value());
  std::string answer;
  ErrorCode answer_end;
  send(server, "late answer", true);
  collect(client, answer, answer_end);
  EXPECT_EQ(run_to_end(), PumpEnd::kFinished);
  EXPECT_TRUE(run_until([&] { return !!answer_end; }));
  EXPECT_EQ(answer, "late answer");
}

void reset(tcp::socket& socket) {
  socket.set_option(asio::socket_base::linger(true, 0));
  socket.close();
}

TEST_F(PumpTest, a_reset_of_the_client_resets_the_upstream) {
  start();
  std::string got;
  ErrorCode end;
  collect(server, got, end);
  reset(client);
  EXPECT_EQ(run_to_end(), PumpEnd::kClientAborted);
  EXPECT_TRUE(run_until([&] { return !!end; }));
  EXPECT_EQ(end, asio::error::connection_reset);
}

TEST_F(PumpTest, a_reset_of_the_upstream_resets_the_client) {
  start();
  std::string got;
  ErrorCode end;
  collect(client, got, end);
  reset(server);
  EXPECT_EQ(run_to_end(), PumpEnd::kUpstreamAborted);
  EXPECT_TRUE(run_until([&] { return !!end; }));
  EXPECT_EQ(end, asio::error::connection_reset);
}

TEST_F(PumpTest, a_reset_after_a_half_close_is_still_noticed) {
  start();
  std::string got;
  ErrorCode end;
  collect(server, got, end);
  client.shutdown(tcp::socket::shutdown_send);
  ASSERT_TRUE(run_until([&] { return !!end; }));
  reset(client);
  EXPECT_EQ(run_to_end(), PumpEnd::kClientAborted);
}

TEST_F(PumpTest, an_idle_tunnel_owns_no_pipe_and_a_stuck_one_gives_its_pipe_back) {
  const std::size_t before = count_pipe_ends();
  PipePool unpooled(0);
  {
    Pair front = tcp_pair(io, io);
    Pair back = tcp_pair(io, io);
    auto tunnel = Pump::start(unpooled, std::move(front.second), std::move(back.first), {},
                              [this](const PumpTotals& done) { totals = done; });
    EXPECT_EQ(count_pipe_ends(), before);
    // Nobody reads at the other end, so that bytes get stuck in a pipe.
    ErrorCode full;
    front.first.non_blocking(true);
    const std::string block(std::size_t{1} << 20U, 'x');
    const auto stuck = [&] {
      (void)front.first.write_some(asio::buffer(block), full);
      return full == asio::error::would_block && unpooled.borrowed() == 1;
    };
    ASSERT_TRUE(run_until(stuck));
    EXPECT_EQ(count_pipe_ends(), before + 2);
    std::string got(block.size(), '\0');
    const auto drained = [&] {
      ErrorCode empty;
      back.second.non_blocking(true);
      (void)back.second.read_some(asio::buffer(got), empty);
      return unpooled.borrowed() == 0 && empty == asio::error::would_block;
    };
    ASSERT_TRUE(run_until(drained));
    EXPECT_EQ(count_pipe_ends(), before);
    ASSERT_TRUE(run_until(stuck));
    tunnel->stop();
    EXPECT_EQ(run_to_end(), PumpEnd::kStopped);
  }
  io.poll();
  EXPECT_EQ(unpooled.borrowed(), 0U);
  EXPECT_EQ(count_pipe_ends(), before);
}

TEST_F(PumpTest, urgent_data_neither_stops_nor_spins_the_pump) {
  // splice(2) answers EAGAIN at an urgent byte for ever, while epoll reports readable for ever.
  start();
  send(client, "before ", false);
  std::string got;
  read_exactly(server, got, 7);
  ASSERT_EQ(::send(client.native_handle(), "U", 1, MSG_OOB), 1);
  ASSERT_EQ(::send(client.native_handle(), " after", 6, 0), 6);
  read_exactly(server, got, 7);
  EXPECT_EQ(got, "U after");
  EXPECT_EQ(io.poll(), 0U) << "the loop still has something to do";
  pump->stop();
}

TEST_F(PumpTest, HTTP_06_a_limit_leaves_a_pipelined_request_behind) {
  PumpOptions options;
  options.initial_up = "POST ";
  options.up_limit = 4;
  start(std::move(options));
  send(client, "bodyGET /unjudged", false);
  std::string got;
  read_exactly(server, got, 9);
  EXPECT_EQ(got, "POST body");
  std::string rest;
  ErrorCode up_end;
  collect(server, rest, up_end);
  std::string answer;
  ErrorCode end;
  send(server, "answer", true);
  collect(client, answer, end);
  EXPECT_EQ(run_to_end(), PumpEnd::kFinished);
  EXPECT_TRUE(run_until([&] { return end && up_end; }));
  EXPECT_EQ(answer, "answer");
  EXPECT_EQ(end, asio::error::eof) << "the answer's end was overtaken by a reset";
  EXPECT_EQ(rest, "");
  EXPECT_EQ(totals->up, 9U);
}

TEST_F(PumpTest, a_request_without_body_ends_with_its_answer) {
  PumpOptions options;
  options.initial_up = "GET";
  options.up_limit = 0;
  start(std::move(options));
  std::string got;
  read_exactly(server, got, 3);
  server.close();
  EXPECT_EQ(run_to_end(), PumpEnd::kFinished);
}

TEST_F(PumpTest, the_client_of_a_resting_direction_may_still_abort) {
  PumpOptions options;
  options.up_limit = 0;
  start(std::move(options));
  reset(client);
  EXPECT_EQ(run_to_end(), PumpEnd::kClientAborted);
}

TEST_F(PumpTest, silence_ends_at_the_idle_limit_and_looks_like_an_abort) {
  PumpOptions options;
  options.idle_limit = 20ms;
  start(std::move(options));
  std::string got;
  ErrorCode end;
  collect(client, got, end);
  EXPECT_EQ(run_to_end(), PumpEnd::kIdleLimit);
  EXPECT_TRUE(run_until([&] { return !!end; }));
  EXPECT_EQ(end, asio::error::connection_reset);
}

TEST_F(PumpTest, a_half_closed_tunnel_has_its_own_idle_limit) {
  PumpOptions options;
  options.half_closed_idle_limit = 20ms;
  start(std::move(options));
  client.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(run_to_end(), PumpEnd::kIdleLimit);
}

TEST_F(PumpTest, the_total_limit_ends_a_busy_tunnel) {
  PumpOptions options;
  options.total_limit = 30ms;
  start(std::move(options));
  asio::steady_timer tick(io);
  std::function<void()> chatter = [&] {
    ErrorCode ignored;
    (void)client.write_some(asio::buffer("x", 1), ignored);
    tick.expires_after(1ms);
    tick.async_wait([&](ErrorCode error) {
      if (!error && !totals) chatter();
    });
  };
  chatter();
  EXPECT_EQ(run_to_end(), PumpEnd::kTotalLimit);
}

TEST_F(PumpTest, without_descriptors_for_a_pipe_the_tunnel_ends_and_says_why) {
  start();
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
  rlimit none = old;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  send(client, "x", false);
  const PumpEnd reason = run_to_end();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_EQ(reason, PumpEnd::kNoResources);
  EXPECT_EQ(pool.borrowed(), 0U);
}

TEST_F(PumpTest, stop_calls_back_once_and_not_from_inside) {
  start();
  pump->stop();
  pump->stop();
  EXPECT_FALSE(totals.has_value());
  EXPECT_EQ(run_to_end(), PumpEnd::kStopped);
  const std::weak_ptr<Pump> weak = pump;
  pump.reset();
  io.poll();
  EXPECT_TRUE(weak.expired()) << "something still keeps the tunnel";
}

TEST(PipePool, keeps_few_pipes_and_lends_them_again) {
  PipePool pool(1);
  auto first = pool.take();
  auto second = pool.take();
  ASSERT_TRUE(first && second);
  EXPECT_GE(first->capacity, 4096U);
  EXPECT_EQ(pool.borrowed(), 2U);
  const int kept = first->ends.read_end.get();
  pool.give_back(std::move(*first));
  pool.give_back(std::move(*second));
  EXPECT_EQ(pool.pooled(), 1U);
  EXPECT_EQ(pool.borrowed(), 0U);
  const auto again = pool.take();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->ends.read_end.get(), kept);
}

}  // namespace
}  // namespace awf::net
