// Limits of a tunnel: bytes of a request, silence, time, descriptors.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>

#include "net/pump.hpp"
#include "pump_fixture.hpp"

namespace awf::net {
namespace {

using namespace std::chrono_literals;
using testing::PumpTest;
using testing::reset;

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

}  // namespace
}  // namespace awf::net
