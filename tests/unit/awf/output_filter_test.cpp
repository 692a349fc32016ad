#include "awf/output_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

using std::string_literals::operator""s;
using testing::Contains;
using testing::Not;

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
  const auto argv = output_filter_argv(config_for({}, "true"), "/opt/awf/bin", 61185);
  EXPECT_EQ(argv.front(), "/opt/awf/bin/awf-redact");
  EXPECT_THAT(argv, Contains("--actions"));
  EXPECT_THAT(argv, Contains("4:1"));
  EXPECT_THAT(argv, Not(Contains("5:2")));
  EXPECT_THAT(argv, Not(Contains("--add-masks")));
}

TEST(OutputFilter, elsewhere_the_streams_stay_apart) {
  const auto argv = output_filter_argv(config_for({}, "false"), "/opt/awf/bin", 61185);
  EXPECT_THAT(argv, Contains("4:1"));
  EXPECT_THAT(argv, Contains("5:2"));
  EXPECT_THAT(argv, Not(Contains("--actions")));
}

TEST(OutputFilter, RUN_14_masks_are_only_for_the_runner_itself) {
  Options options;
  options.add_masks = true;
  EXPECT_THAT(output_filter_argv(config_for(options, "true"), "/b", 1), Contains("--add-masks"));
  EXPECT_THROW((void)config_for(options, ""), Refusal);
  options.tty = true;
  EXPECT_THROW((void)config_for(options, "true"), Refusal);
}

}  // namespace
}  // namespace awf::supervisor
