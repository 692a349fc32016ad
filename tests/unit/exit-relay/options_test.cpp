#include "exit-relay/options.hpp"

#include <gtest/gtest.h>

#include "common/check.hpp"

namespace awf::exit_relay {
namespace {

using std::chrono::seconds;

std::optional<Options> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "awf-exit-relay");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(ExitRelayOptions, defaults_are_no_limit_and_ten_seconds_of_grace) {
  const auto options = parse({"--", "ls", "--time-limit", "1"});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->control_fd);
  EXPECT_FALSE(options->time_limit);
  EXPECT_EQ(options->kill_after, seconds(10));
  EXPECT_EQ(options->command, (std::vector<std::string>{"ls", "--time-limit", "1"}));
}

TEST(ExitRelayOptions, limits_and_the_channel_are_read) {
  const auto options =
      parse({"--control-fd", "0", "--time-limit", "600", "--kill-after=0", "--", "ls"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->control_fd, 0);
  EXPECT_EQ(options->time_limit, seconds(600));
  EXPECT_EQ(options->kill_after, seconds(0));
}

TEST(ExitRelayOptions, nonsense_is_refused) {
  EXPECT_THROW(parse({"ls"}), Refusal);
  EXPECT_THROW(parse({}), Refusal);
  EXPECT_THROW(parse({"--"}), Refusal);
  EXPECT_THROW(parse({"--control-fd", "987654", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--time-limit", "0", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--time-limit", "-1", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--time-limit", "1.5", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--time-limit", "99999999999", "--", "ls"}), Refusal);
  EXPECT_THROW(parse({"--time", "5", "--", "ls"}), Refusal);
}

}  // namespace
}  // namespace awf::exit_relay
