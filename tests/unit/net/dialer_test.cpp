#include "net/dialer.hpp"

#include <gtest/gtest.h>

namespace awf::net {
namespace {

using namespace std::chrono_literals;
using policy::IpAddress;

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).or_refuse();
}

TEST(Interleaved, families_alternate_with_ipv6_first) {
  const auto order = interleaved({address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3"),
                                  address("2001:db8::1"), address("2001:db8::2")});
  EXPECT_EQ(order,
            (std::vector{address("2001:db8::1"), address("192.0.2.1"), address("2001:db8::2"),
                         address("192.0.2.2"), address("192.0.2.3")}));
}

class DialerTest : public ::testing::Test {
 protected:
  DialerTest() { acceptor.listen(); }

  Dialer::Callback keep() {
    return [this](DialResult dialled) { result.emplace(std::move(dialled)); };
  }
  DialResult& dial(const std::vector<IpAddress>& addresses, Dialer::Options options = {}) {
    (void)Dialer::start(io, addresses, port(), keep(), options);
    EXPECT_FALSE(result.has_value()) << "called back from inside start()";
    io.run_for(20s);
    return result.value();
  }
  std::uint16_t port() { return acceptor.local_endpoint().port(); }

  asio::io_context io{1};
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::optional<DialResult> result;
};

TEST_F(DialerTest, connects_and_says_where) {
  const DialResult& dialled = dial({address("127.0.0.1")});
  EXPECT_FALSE(dialled.error) << dialled.error.message();
  EXPECT_EQ(dialled.address, address("127.0.0.1"));
  EXPECT_EQ(dialled.socket.remote_endpoint(), acceptor.local_endpoint());
  tcp::no_delay no_delay;
  dialled.socket.get_option(no_delay);
  EXPECT_TRUE(no_delay.value());
}

TEST_F(DialerTest, S2_12_a_family_without_route_or_listener_is_passed_over_at_once) {
  // Nothing listens on 127.0.0.2 and [::1]; the kernel refuses fe80::1 without a zone and broadcast
  // before any packet, as it does without a route. A stagger of an hour shows that failures are
  // not waited for.
  Dialer::Options options;
  options.stagger = 1h;
  const DialResult& dialled = dial({address("::1"), address("fe80::1"), address("255.255.255.255"),
                                    address("127.0.0.2"), address("127.0.0.1")},
                                   options);
  EXPECT_FALSE(dialled.error) << dialled.error.message();
  EXPECT_EQ(dialled.address, address("127.0.0.1"));
}

TEST_F(DialerTest, an_address_that_does_not_answer_is_overtaken_after_the_stagger) {
  // A listener with a full backlog drops the SYN, as a black hole would.
  tcp::acceptor full(io);
  full.open(tcp::v4());
  full.bind(tcp::endpoint(asio::ip::make_address("127.0.0.3"), port()));
  full.listen(0);
  std::vector<tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(io);
    fillers.back().async_connect(full.local_endpoint(), [](ErrorCode) {});
  }
  Dialer::Options options;
  options.stagger = 5ms;
  (void)Dialer::start(io, {address("127.0.0.3"), address("127.0.0.1")}, port(), keep(), options);
  while (!result)
    io.run_one_for(20s);
  EXPECT_FALSE(result->error) << result->error.message();
  EXPECT_EQ(result->address, address("127.0.0.1"));
}

TEST_F(DialerTest, the_time_limit_covers_all_attempts) {
  tcp::acceptor full(io);
  full.open(tcp::v4());
  full.bind(tcp::endpoint(asio::ip::make_address("127.0.0.3"), port()));
  full.listen(0);
  std::vector<tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(io);
    fillers.back().async_connect(full.local_endpoint(), [](ErrorCode) {});
  }
  Dialer::Options options;
  options.time_limit = 20ms;
  (void)Dialer::start(io, {address("127.0.0.3")}, port(), keep(), options);
  while (!result)
    io.run_one_for(20s);
  EXPECT_EQ(result->error, asio::error::timed_out);
}

TEST_F(DialerTest, S8_03_when_all_fail_the_first_error_is_told) {
  const DialResult& dialled = dial({address("127.0.0.2"), address("127.0.0.4")});
  EXPECT_EQ(dialled.error, asio::error::connection_refused);
  EXPECT_EQ(dialled.address, address("127.0.0.2"));
}

TEST_F(DialerTest, nothing_to_dial_is_an_error) {
  EXPECT_EQ(dial({}).error, asio::error::host_not_found);
}

TEST_F(DialerTest, a_cancelled_dialer_does_not_call_back) {
  const auto dialer = Dialer::start(io, {address("127.0.0.1")}, port(), keep(), {});
  dialer->cancel();
  io.run_for(20s);
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(dialer.use_count(), 1);
}

}  // namespace
}  // namespace awf::net
