#include "exit-relay/protocol.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

namespace awf::exit_relay {
namespace {

constexpr int kCoreFlag = 0x80;

TEST(ExitRelayProtocol, S7_01_S7_06_every_exit_code_survives_the_way) {
  for (int code = 0; code < 256; ++code) {
    const int status = code << 8;
    const auto read = parse_status(status_message(status));
    ASSERT_TRUE(read) << code;
    EXPECT_EQ(*read, status);
  }
}

TEST(ExitRelayProtocol, S7_G1_every_signal_and_its_core_flag_survive_the_way) {
  for (int number = 1; number < 64; ++number) {
    EXPECT_EQ(*parse_status(status_message(number)), number);
    EXPECT_EQ(*parse_status(status_message(number | kCoreFlag)), number | kCoreFlag);
  }
}

TEST(ExitRelayProtocol, a_status_of_a_process_that_goes_on_is_refused) {
  EXPECT_FALSE(parse_status("status 4991"));   // 0x137f: stopped by SIGSTOP
  EXPECT_FALSE(parse_status("status 65535"));  // continued
}

TEST(ExitRelayProtocol, malformed_messages_are_refused) {
  for (const char* text : {"", "status", "status ", "status -1", "status 65536", "status 1 ",
                           "status 0x1", "Status 1", "time-limit 1", "signal 1"}) {
    EXPECT_FALSE(parse_status(text)) << text;
  }
  for (const char* text : {"", "signal", "signal 0", "signal -9", "signal 65", "signal 9 ",
                           "signal 99999999999", "signal TERM", "go", "status 1"}) {
    EXPECT_FALSE(parse_signal(text)) << text;
  }
}

TEST(ExitRelayProtocol, signals_survive_the_way) {
  EXPECT_EQ(signal_message(SIGTERM), "signal 15");
  EXPECT_EQ(*parse_signal(signal_message(SIGKILL)), SIGKILL);
  EXPECT_EQ(*parse_signal("signal 64"), 64);
  EXPECT_EQ(time_limit_message(9), "time-limit 9");
}

}  // namespace
}  // namespace awf::exit_relay
