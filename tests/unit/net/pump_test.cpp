// What a tunnel does with bytes, ends and resets. Its limits: pump_limits_test.cpp.
#include "net/pump.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <random>

#include "pump_fixture.hpp"

namespace awf::net {
namespace {

using testing::count_pipe_ends;
using testing::Pair;
using testing::PumpTest;
using testing::reset;
using testing::tcp_pair;

std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes)
    byte = static_cast<char>(random() & 0xffU);
  return bytes;
}

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
