// The exit code of awf is the command's own, to the bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;
using testing::HasSubstr;
using testing::IsEmpty;

struct ExitCase {
  const char* name;  // carries the case's ID
  const char* line;
  int exit_code;
};

constexpr ExitCase kExitCases[] = {
    {"S7_01_exit_0", "exit 0", 0},
    {"S7_02_exit_1", "exit 1", 1},
    {"S7_03_exit_2", "exit 2", 2},
    {"S7_04_exit_42", "exit 42", 42},
    {"S7_05_command_not_found", "no-such-command-anywhere", 127},
    {"S7_06_exit_255", "exit 255", 255},
    {"S7_07_true", "true", 0},
    {"S7_08_false", "false", 1},
    {"S7_09_test_equal", "test 1 -eq 1", 0},
    {"S7_10_test_not_equal", "test 1 -eq 2", 1},
    {"S7_11_grep_finds", "echo needle | grep -q needle", 0},
    {"S7_12_grep_finds_nothing", "echo hay | grep -q needle", 1},
    {"S7_13_pipeline_ending_in_exit_5", "echo a | cat | (cat >/dev/null; exit 5)", 5},
    {"S7_14_and_list", "true && true && exit 0", 0},
    {"S7_G1_sigterm", "kill -TERM $$", 143},
    {"S7_G1_sigkill", "kill -KILL $$", 137},
    {"S7_G1_sigsegv_without_core", "ulimit -c 0; kill -SEGV $$", 139},
    {"S7_G1_sigsegv_with_core", "ulimit -c unlimited; kill -SEGV $$", 139},
    {"S7_G1_sigint", "kill -INT $$", 130},
    {"S7_G2_exit_256", "exit 256", 0},
    {"S7_G2_exit_257", "exit 257", 1},
    {"S7_G4_curl_timeout", "curl -sS --max-time 1 https://github.com/hang", 28},
    {"S7_G6_pipefail_off", "set +o pipefail; false | true", 0},
    {"S7_G6_pipefail_on", "set -o pipefail; false | true", 1},
    {"S7_E3_command_replaced_by_exec", "exec sh -c 'exit 9'", 9},
    {"S8_07_shell_syntax_error", "if then fi", 2},
    {"S8_08_division_by_zero", "echo $((1 / 0))", 1},
};

class ExitCode : public testing::TestWithParam<std::tuple<ExitCase, Caller>> {};

INSTANTIATE_TEST_SUITE_P(Cases, ExitCode,
                         testing::Combine(testing::ValuesIn(kExitCases),
                                          testing::Values(Caller::kRoot, Caller::kRootless)),
                         [](const auto& param) {
                           return std::string(std::get<0>(param.param).name) + "_" +
                                  test_world::name_of(std::get<1>(param.param));
                         });

TEST_P(ExitCode, is_that_of_the_command) {
  const auto& [wanted, caller] = GetParam();
  World world = World::start();
  RunOptions options;
  options.caller = caller;
  const auto result = world.run_awf({"--allow-domains", "github.com", "--", wanted.line}, options);
  EXPECT_EQ(result.exit_code, wanted.exit_code) << result;
}

class Outcome : public testing::TestWithParam<Caller> {
 protected:
  CommandResult run(const std::vector<std::string>& command) {
    std::vector<std::string> words{"--allow-domains", "github.com", "--"};
    words.insert(words.end(), command.begin(), command.end());
    return world.run_awf(words, options());
  }
  static RunOptions options() {
    RunOptions options;
    options.caller = GetParam();
    return options;
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Outcome, testing::Values(Caller::kRoot, Caller::kRootless),
                         [](const auto& param) { return test_world::name_of(param.param); });

TEST_P(Outcome, S7_05_S8_04_a_command_that_does_not_exist_is_named) {
  const auto result = run({"no-such-command-anywhere", "argument"});
  EXPECT_EQ(result.exit_code, 127) << result;
  EXPECT_THAT(result.errors, HasSubstr("no-such-command-anywhere"));
}

TEST_P(Outcome, S7_15_a_failing_and_list_stops_where_it_fails) {
  const auto result = run({"echo a && false && echo c"});
  EXPECT_EQ(result.exit_code, 1) << result;
  EXPECT_EQ(result.output, "a\n");
}

// A fault of the processor instead of a signal sent by hand, in a program without a shell above it.
TEST_P(Outcome, S7_G1_a_real_segmentation_fault_is_139) {
  const auto result = run({"/usr/bin/python3", "-c", "import ctypes; ctypes.string_at(0)"});
  EXPECT_EQ(result.exit_code, 139) << result;
}

TEST_P(Outcome, S7_G3_kill_9_from_inside_and_outside_is_137) {
  EXPECT_EQ(run({"sh -c 'kill -9 '$$"}).exit_code, 137);
  auto command = world.spawn_awf({"--", "echo started; exec sleep 4242"}, options());
  ASSERT_TRUE(command.wait_for_output("started")) << command.errors();
  int killed = 0;
  // The shell has written before it became sleep; and the words of the command stand in the command
  // lines of the programs around it, too.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (killed == 0 && std::chrono::steady_clock::now() < deadline) {
    for (const auto& process : world.processes()) {
      if (process.command_line == "sleep 4242 " && ::kill(process.pid, SIGKILL) == 0) ++killed;
    }
  }
  EXPECT_EQ(killed, 1);
  EXPECT_EQ(command.finish().exit_code, 137);
  EXPECT_TRUE(world.all_processes_end());
}

// Either a sandbox in the sandbox or one line that says why not; never the inner command's code as
// a disguise for a failure.
TEST_P(Outcome, S7_G7_awf_inside_awf_works_or_is_refused_with_a_reason) {
  const auto result = run({"awf --allow-domains github.com -- 'echo inner ran; exit 42'"});
  if (result.output == "inner ran\n") {
    EXPECT_EQ(result.exit_code, 42) << result;
  } else {
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr("awf: "));
  }
  EXPECT_LT(result.duration, std::chrono::seconds(10));
  EXPECT_THAT(world.processes(), IsEmpty());
}

// What the shell says is what awf says: an error in the command's own trap handler changes nothing.
TEST_P(Outcome, S8_E1_an_error_in_the_commands_trap_handler_keeps_the_code) {
  EXPECT_EQ(run({"trap 'no-such-command; false' EXIT; exit 6"}).exit_code, 6);
}

}  // namespace
}  // namespace awf::integration
