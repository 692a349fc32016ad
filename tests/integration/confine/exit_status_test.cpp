// The exit status of the command, through both programs, and nothing but it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "cage.hpp"

namespace awf::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ExitStatus : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, ExitStatus, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

TEST_P(ExitStatus, RUN_01_S7_01_S7_02_S7_03_S7_04_S7_06_every_exit_code_is_relayed) {
  for (int code = 0; code < 256; ++code) {
    const Outcome outcome = run_caged(GetParam(), bash("exit " + std::to_string(code)));
    ASSERT_EQ(outcome.exit_code, code) << outcome;
    ASSERT_THAT(outcome.messages, ElementsAre("status " + std::to_string(code << 8))) << outcome;
    ASSERT_THAT(outcome.errors, IsEmpty()) << outcome;
  }
}

TEST_P(ExitStatus, S7_G2_exit_codes_are_eight_bits) {
  EXPECT_EQ(run_caged(GetParam(), bash("exit 256")).exit_code, 0);
  EXPECT_EQ(run_caged(GetParam(), bash("exit 257")).exit_code, 1);
}

TEST_P(ExitStatus, S7_G1_death_by_a_signal_is_128_plus_its_number) {
  for (const int number : {SIGTERM, SIGKILL, SIGSEGV, SIGINT, SIGABRT, SIGPIPE, SIGHUP}) {
    const Outcome outcome = run_caged(GetParam(), bash("kill -" + std::to_string(number) + " $$"));
    EXPECT_EQ(outcome.exit_code, 128 + number) << outcome;
    EXPECT_THAT(outcome.messages, ElementsAre("status " + std::to_string(number))) << outcome;
  }
}

TEST_P(ExitStatus, S7_G3_kill_9_of_the_command_from_outside_is_137) {
  Cage cage(GetParam(), bash("echo ready; read -r -t 60 < <(sleep 60)"));
  cage.await_output("ready");
  ASSERT_EQ(::kill(cage.command_pid(), SIGKILL), 0);
  const Outcome outcome = cage.finish();
  EXPECT_EQ(outcome.exit_code, 137) << outcome;
  EXPECT_THAT(outcome.messages, ElementsAre("status 9")) << outcome;
}

TEST_P(ExitStatus, S7_E3_a_command_replaced_by_exec_gives_the_code_of_the_last_program) {
  EXPECT_EQ(run_caged(GetParam(), bash("exec bash -c 'exec bash -c \"exit 7\"'")).exit_code, 7);
}

TEST_P(ExitStatus, S7_E1_a_program_that_cannot_be_run_is_125_and_a_reason) {
  const Outcome outcome = run_caged(GetParam(), {"/no/such/program"});
  EXPECT_EQ(outcome.exit_code, 125) << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("awf-confine: running /no/such/program: No such file"));
}

TEST_P(ExitStatus, S7_E1_kill_9_of_PID_1_from_outside_is_125_and_a_reason) {
  Cage cage(GetParam(), bash("echo ready; sleep 60"));
  cage.await_output("ready");
  ASSERT_EQ(::kill(cage.init_pid(), SIGKILL), 0);
  const Outcome outcome = cage.finish();
  EXPECT_EQ(outcome.exit_code, 125) << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("PID 1 of the sandbox ended without a report"));
  EXPECT_THAT(outcome.messages, IsEmpty()) << outcome;
}

TEST_P(ExitStatus, a_command_that_stops_itself_has_not_ended) {
  Cage cage(GetParam(), bash("echo ready; kill -STOP $$; exit 3"));
  cage.await_output("ready");
  cage.await_command_state('T');
  EXPECT_FALSE(cage.relay_ended());
  cage.control().send("signal " + std::to_string(SIGCONT));
  EXPECT_EQ(cage.finish().exit_code, 3);
}

TEST_P(ExitStatus, by_hand_without_a_supervisor_the_status_is_the_same) {
  CageOptions by_hand;
  by_hand.supervised = false;
  EXPECT_EQ(run_caged(GetParam(), bash("exit 42"), by_hand).exit_code, 42);
  EXPECT_EQ(run_caged(GetParam(), bash("kill -9 $$"), by_hand).exit_code, 137);
}

}  // namespace
}  // namespace awf::tests
