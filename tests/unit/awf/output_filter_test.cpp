#include "awf/output_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::Contains;
using testing::Not;

constexpr FilteredStreams kJoined{.output = true, .errors = true, .joined = true};
constexpr FilteredStreams kApart{.output = true, .errors = true, .joined = false};

RunConfig config_for(Options options, const std::string& github_actions) {
  options.command = {"true"};
  return configure(options, [&](const std::string& name) -> std::optional<std::string> {
    if (name == "GITHUB_ACTIONS") return github_actions;
    return std::nullopt;
  });
}

TEST(OutputFilter, TOK_06_the_values_are_those_that_the_command_must_not_get) {
  Options options;
  options.environment = {"MY_PASSWORD=from-env", "PLAIN=not-secret"};
  options.grants = {"ODD_NAME"};
  const auto values = protected_values(
      config_for(options, ""), {"GITHUB_TOKEN= with-space\n", "HOME=/home/me", "ODD_NAME=granted",
                                "X_TOKEN=short", "no equals sign"});
  EXPECT_EQ(values, "with-space\0granted\0from-env\0"s);
}

TEST(OutputFilter, in_actions_there_is_one_stream_and_commands_are_defused) {
  const auto argv = output_filter_argv(config_for({}, "true"), kJoined, "/opt/awf/bin", 61185);
  EXPECT_EQ(argv.front(), "/opt/awf/bin/awf-redact");
  EXPECT_THAT(argv, Contains("--actions"));
  EXPECT_THAT(argv, Contains("4:1"));
  EXPECT_THAT(argv, Not(Contains("5:2")));
  EXPECT_THAT(argv, Not(Contains("--add-masks")));
}

TEST(OutputFilter, elsewhere_the_streams_stay_apart) {
  const auto argv = output_filter_argv(config_for({}, "false"), kApart, "/opt/awf/bin", 61185);
  EXPECT_THAT(argv, Contains("4:1"));
  EXPECT_THAT(argv, Contains("5:2"));
  EXPECT_THAT(argv, Not(Contains("--actions")));
}

TEST(OutputFilter, a_stream_that_may_be_handed_over_is_not_filtered) {
  const auto config = config_for({}, "");
  EXPECT_THAT(output_filter_argv(config, {.output = true}, "/b", 1),
              AllOf(Contains("4:1"), Not(Contains("5:2"))));
  EXPECT_THAT(output_filter_argv(config, {.errors = true}, "/b", 1),
              AllOf(Not(Contains("4:1")), Contains("5:2")));
}

TEST(OutputFilter, secrets_and_actions_need_all_streams) {
  EXPECT_TRUE(filtered_streams(config_for({}, "true"), false).joined);
  const auto streams = filtered_streams(config_for({}, ""), true);
  EXPECT_TRUE(streams.output && streams.errors);
}

TEST(OutputFilter, RUN_14_masks_are_only_for_the_runner_itself) {
  Options options;
  options.add_masks = true;
  EXPECT_THAT(output_filter_argv(config_for(options, "true"), kJoined, "/b", 1),
              Contains("--add-masks"));
  EXPECT_THROW((void)config_for(options, ""), Refusal);
  options.tty = true;
  EXPECT_THROW((void)config_for(options, "true"), Refusal);
}

}  // namespace
}  // namespace awf::supervisor
