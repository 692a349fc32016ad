// --grant: one secret reaches the command, guarded by the preload library; every other stays out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

class Grant : public testing::TestWithParam<Caller> {
 protected:
  CommandResult run(const std::vector<std::string>& grants, const std::string& line,
                    const std::vector<std::string>& more_environment = {}) {
    RunOptions options;
    options.caller = GetParam();
    options.environment = more_environment;
    for (const auto* name :
         {"GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"}) {
      options.environment.push_back(std::string(name) + "=" + kValue + "-" + name);
    }
    std::vector<std::string> words;
    for (const auto& name : grants)
      words.insert(words.end(), {"--grant", name});
    words.insert(words.end(), {"--", line});
    return world.run_awf(words, options);
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Grant,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const testing::TestParamInfo<Caller>& tested) {
                           return test_world::name_of(tested.param);
                         });

// awf-redact hides a granted value in the output, so the commands show it changed.
constexpr const char* kChanged = " | sed s/PLANTED/GROWN/";

std::string grown(const std::string& name) {
  return "GROWN" + std::string(kValue).substr(std::string("PLANTED").size()) + "-" + name;
}

TEST_P(Grant, S6_01_S6_02_S6_03_S6_G1_S6_08_S6_09_two_children_read_a_granted_token) {
  for (const std::string name :
       {"GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"}) {
    const auto result =
        run({name}, "printenv " + name + kChanged + "; printenv " + name + kChanged);
    EXPECT_EQ(result.output, grown(name) + "\n" + grown(name) + "\n") << result;
  }
}

TEST_P(Grant, S6_04_S6_12_several_tokens_are_granted_independently_and_no_other_passes) {
  const auto result = run({"GITHUB_TOKEN,OPENAI_API_KEY"},
                          std::string("printenv GITHUB_TOKEN OPENAI_API_KEY") + kChanged +
                              "; printenv ANTHROPIC_API_KEY; "
                              "echo $?; env | grep -c PLANTED");
  EXPECT_EQ(result.output, grown("GITHUB_TOKEN") + "\n" + grown("OPENAI_API_KEY") + "\n1\n2\n")
      << result;
}

TEST_P(Grant, S6_06_S6_10_S6_07_python_reads_it_twice_and_its_environ_block_never_shows_it) {
  const auto result = run({"GITHUB_TOKEN"},
                          "python3 -c \"import os\n"
                          "shows = lambda: b'PLANTED' in open('/proc/self/environ', 'rb').read()\n"
                          "print(shows(), os.getenv('GITHUB_TOKEN') == os.getenv('GITHUB_TOKEN') "
                          "!= None, shows())\"");
  EXPECT_EQ(result.output, "False True False\n") << result;
}

TEST_P(Grant, S6_05_S6_11_other_variables_are_ordinary_and_nothing_is_said) {
  const auto result = run({"GITHUB_TOKEN"}, "printenv CI; printenv CI", {"CI=true"});
  EXPECT_EQ(result.output, "true\ntrue\n") << result;
  EXPECT_THAT(result.errors, Not(HasSubstr("one-shot-token")));
}

// No environment block and no command line of any process in the sandbox shows the value. The
// coprocess has answered, so its loader is done; the searcher does not hold what it looks for.
TEST_P(Grant, S5_05_S5_G4_S5_G6_TOK_05_no_process_inside_shows_it) {
  const auto result =
      run({"GITHUB_TOKEN"},
          "coproc cat; echo here >&${COPROC[1]}; read answer <&${COPROC[0]}; echo $answer; "
          "python3 -c \"import glob\n"
          "seen = read = 0\n"
          "for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline') + "
          "glob.glob('/proc/[0-9]*/task/*/environ'):\n"
          "  try:\n"
          "    text = open(path, 'rb').read(); read += 1\n"
          "    seen += b'PLANTED-' + b'0123456789' in text\n"
          "  except PermissionError: pass\n"
          "print(read > 8, seen)\"; true");
  EXPECT_EQ(result.output, "here\nTrue 0\n") << result;
}

TEST_P(Grant, S5_E3_a_value_of_env_is_granted_like_one_of_the_host) {
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_awf(
      {"--grant", "MY_TOKEN", "--env", "MY_TOKEN=PLANTED-by-env", "--env", "COPY=PLANTED-by-env",
       "--", std::string("printenv MY_TOKEN") + kChanged + "; printenv COPY; echo $?"},
      options);
  EXPECT_EQ(result.output, "GROWN-by-env\n1\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("\"COPY\" is not passed on"));
  EXPECT_THAT(result.errors, Not(HasSubstr("PLANTED")));
}

TEST_P(Grant, S5_G7_a_token_that_is_not_set_is_unset_inside_without_a_word) {
  const auto result = run({"NO_SUCH_TOKEN"}, "printenv NO_SUCH_TOKEN; echo $?");
  EXPECT_EQ(result.output, "1\n") << result;
  EXPECT_THAT(result.errors, Not(HasSubstr("NO_SUCH_TOKEN")));
}

// It is the loader that brings the library in, so what has no loader keeps its own block as execve
// made it. Nobody else can read that block before such a program has ended its first read of it.
TEST_P(Grant, S6_E2_S6_G3_a_static_program_gets_the_token_unguarded) {
  const auto result = run(
      {"GITHUB_TOKEN"}, "/opt/awf/bin/preload-probe-static places GITHUB_TOKEN PLANTED | head -4");
  EXPECT_THAT(result.output, HasSubstr("block before: 1")) << result;
}

TEST_P(Grant, S6_E1_setuid_programs_gain_nothing_and_the_token_stays_out_of_their_block) {
  const auto result = run({"GITHUB_TOKEN"},
                          "printenv GITHUB_TOKEN >/dev/null; sudo -n id -u 2>/dev/null; echo $?; "
                          "grep NoNewPrivs /proc/self/status");
  EXPECT_EQ(result.output, "1\nNoNewPrivs:\t1\n") << result;
}

TEST_P(Grant, what_is_no_name_is_refused_without_repeating_it) {
  const auto result = run({"ghp_pasted-value"}, "true");
  EXPECT_EQ(result.exit_code, 125);
  EXPECT_THAT(result.errors, HasSubstr("--grant takes the name of a variable"));
  EXPECT_THAT(result.errors, Not(HasSubstr("pasted")));
}

}  // namespace
}  // namespace awf::integration
