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

struct Meter final : UploadMeter {
  explicit Meter(std::uint64_t bytes) : bytes_left(bytes) {}
  [[nodiscard]] std::uint64_t left() const noexcept override { return bytes_left; }
  void spend(std::uint64_t bytes) noexcept override { bytes_left -= bytes; }
  std::uint64_t bytes_left;
};

TEST_F(PumpTest, NET_37_more_than_the_meter_has_left_resets_both_sides) {
  const auto meter = std::make_shared<Meter>(9);
  PumpOptions options;
  options.initial_up = "hello";
  options.up_meter = meter;
  start(std::move(options));
  send(client, "0123456789", false);
  std::string got;
  ErrorCode end;
  collect(server, got, end);
  EXPECT_EQ(run_to_end(), PumpEnd::kOverBudget);
  EXPECT_TRUE(run_until([&] { return !!end; }));
  EXPECT_EQ(end, asio::error::connection_reset);
  EXPECT_EQ(totals->up, 9U);
  EXPECT_EQ(meter->left(), 0U);
}

TEST_F(PumpTest, NET_37_what_comes_down_is_not_spent) {
  PumpOptions options;
  options.up_meter = std::make_shared<Meter>(1);
  start(std::move(options));
  send(server, "a long answer", true);
  client.shutdown(tcp::socket::shutdown_send);
  std::string got;
  ErrorCode end;
  collect(client, got, end);
  EXPECT_EQ(run_to_end(), PumpEnd::kFinished);
  EXPECT_EQ(totals->down, 13U);
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
