// The variables of the command, end to end: --env-all, --env-file, --exclude-env, --secret, PATH.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/secret_names.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kValue = "PLANTED-0123456789-value";

class Environment : public testing::TestWithParam<Caller> {
 protected:
  CommandResult run(std::vector<std::string> options, const std::string& line,
                    const std::vector<std::string>& environment) {
    RunOptions chosen;
    chosen.caller = GetParam();
    chosen.environment = environment;
    options.insert(options.end(), {"--", line});
    return world.run_awf(options, chosen);
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Environment,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const testing::TestParamInfo<Caller>& tested) {
                           return test_world::name_of(tested.param);
                         });

TEST_P(Environment, S9_09_S5_G3_TOK_18_env_all_forwards_no_name_of_the_sensitive_list) {
  std::vector<std::string> planted = {"MY_SETTING=passes", "GITHUB_OUTPUT=/tmp/command-file"};
  for (const auto name : policy::sensitive_names())
    planted.push_back(std::string(name) + "=" + kValue + "-" + std::string(name));
  const auto result = run(
      {"--env-all"},
      "printenv MY_SETTING; env | grep -c PLANTED; cat /proc/[0-9]*/environ 2>/dev/null | grep -ac "
      "PLANTED; printenv GITHUB_OUTPUT; true",
      planted);
  EXPECT_EQ(result.output, "passes\n0\n0\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("--env-all"));
  EXPECT_THAT(result.errors, Not(HasSubstr("PLANTED")));
}

TEST_P(Environment, TOK_06_a_named_secret_stays_out_under_every_name_and_out_of_the_output) {
  const auto result =
      run({"--env-all", "--secret", "HARMLESS"},
          "printenv HARMLESS COPY; v=0123456789-value; echo \"PLANTED-$v\"",
          {std::string("HARMLESS=") + kValue, std::string("COPY=https://u:") + kValue + "@host/"});
  EXPECT_EQ(result.output, "***\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("\"COPY\" is not passed on"));
  EXPECT_THAT(result.errors, Not(HasSubstr("PLANTED")));
}

TEST_P(Environment, TOK_06_a_secret_in_the_command_is_refused_and_named_by_its_variable) {
  const auto result = run({"--secret", "HARMLESS"}, std::string("echo ") + kValue,
                          {std::string("HARMLESS=") + kValue});
  EXPECT_EQ(result.exit_code, 125) << result;
  EXPECT_THAT(result.errors, HasSubstr("contains the value of \"HARMLESS\""));
  EXPECT_THAT(result.errors, Not(HasSubstr("PLANTED")));
}

TEST_P(Environment, a_file_adds_variables_and_an_excluded_one_never_passes) {
  world.plant_file("/home/runner/variables", "# of the project\nMODE=file\nLANG=xx\nGONE=1\n");
  const auto result =
      run({"--env-file", "/home/runner/variables", "--env", "GONE=2", "--exclude-env", "GONE"},
          "printenv MODE LANG; printenv GONE; echo $?", {"LANG=C", "GONE=3"});
  EXPECT_EQ(result.output, "file\nC\n1\n") << result;
}

TEST_P(Environment, directories_of_GITHUB_PATH_come_before_the_rest_of_PATH) {
  world.plant_file("/home/runner/added-path", "/opt/first\n/opt/second\n");
  const auto result =
      run({}, "echo $PATH | cut -d: -f1-2", {"GITHUB_PATH=/home/runner/added-path"});
  EXPECT_EQ(result.output, "/opt/second:/opt/first\n") << result;
}

}  // namespace
}  // namespace awf::integration
