// How the sandbox ends: by its command, by a signal, by the time limit, by its supervisor's end;
// and that nothing survives any of them. Every process inside holds the cage's standard output, so
// that Cage::finish() returns only when all of them are gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "cage.hpp"

namespace awf::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Lifetime : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, Lifetime, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

// A double fork with a session of its own, which ignores what can be ignored.
constexpr const char* kDaemon =
    "setsid bash -c 'trap \"\" TERM INT HUP QUIT; echo daemon runs; sleep 600' & "
    "disown; ";

TEST_P(Lifetime, PROC_05_a_daemon_is_gone_when_the_command_has_ended) {
  const std::string wait_for_it =
      "coproc setsid bash -c 'trap \"\" TERM HUP; echo up; exec sleep 600'"
      "; read -r line <&\"${COPROC[0]}\"; echo \"$line\"; exit 5";
  const Outcome outcome = run_caged(GetParam(), bash(wait_for_it));
  EXPECT_EQ(outcome.exit_code, 5) << outcome;
  EXPECT_THAT(outcome.output, HasSubstr("up"));
}

TEST_P(Lifetime, PROC_05_orphans_are_reaped_while_the_command_runs) {
  // Each inner bash leaves an orphan that ends at once; a zombie would show in the state column.
  const Outcome outcome = run_caged(
      GetParam(), bash("for i in 1 2 3 4 5 6 7 8; do bash -c 'true & disown' ; done; "
                       "for try in $(seq 1000); do "
                       "  zombies=$(ps -eo stat= | grep -c ^Z); [ $zombies = 0 ] && exit 0; "
                       "done; exit 1"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
}

TEST_P(Lifetime, PROC_06_the_end_of_the_control_channel_ends_everything_inside) {
  Cage cage(GetParam(), bash(std::string(kDaemon) + "trap '' TERM; sleep 600"));
  cage.await_output("daemon runs");
  cage.close_control();
  const Outcome outcome = cage.finish();
  EXPECT_EQ(outcome.exit_code, 125) << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("the supervisor is gone"));
}

TEST_P(Lifetime, PROC_06_kill_9_of_the_outer_half_ends_everything_inside) {
  Cage cage(GetParam(), bash(std::string(kDaemon) + "sleep 600"));
  cage.await_output("daemon runs");
  cage.relay().signal(SIGKILL);
  EXPECT_EQ(cage.finish().exit_code, 137);
}

TEST_P(Lifetime, RUN_02_signals_of_the_supervisor_reach_the_command_and_its_jobs) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH}) {
    Cage cage(GetParam(), attacker("catch"));
    cage.await_output("ready");
    cage.control().send("signal " + std::to_string(number));
    const Outcome outcome = cage.finish();
    EXPECT_EQ(outcome.exit_code, 9) << number << ' ' << outcome;
    const std::string caught = "caught " + std::to_string(number);
    EXPECT_THAT(outcome.output, HasSubstr("job " + caught));
    EXPECT_THAT(outcome.output, HasSubstr("command " + caught));
  }
}

TEST_P(Lifetime, RUN_02_signals_sent_to_the_outer_half_reach_the_command) {
  CageOptions by_hand;
  by_hand.supervised = false;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    Cage cage(GetParam(), attacker("wait"), by_hand);
    cage.await_output("ready");
    cage.relay().signal(number);
    EXPECT_EQ(cage.finish().exit_code, 128 + number);
  }
}

TEST_P(Lifetime, RUN_02_signal_9_of_the_supervisor_ends_a_command_that_ignores_the_others) {
  Cage cage(GetParam(),
            bash("trap 'echo again' TERM INT; echo ready; while :; do sleep 0.05; done"));
  cage.await_output("ready");
  for (int i = 0; i < 20; ++i) {
    cage.control().send("signal 15");
    cage.control().send("signal 2");
  }
  cage.await_output("again");
  cage.control().send("signal 9");
  const Outcome outcome = cage.finish();
  EXPECT_EQ(outcome.exit_code, 137);
  EXPECT_THAT(outcome.messages, ElementsAre("status 9"));
}

TEST_P(Lifetime, a_malformed_message_of_the_supervisor_ends_everything) {
  Cage cage(GetParam(), bash("echo ready; sleep 600"));
  cage.await_output("ready");
  cage.control().send("signal 0");
  const Outcome outcome = cage.finish();
  EXPECT_EQ(outcome.exit_code, 125) << outcome;
  EXPECT_THAT(outcome.messages, IsEmpty());
}

// A time limit is the one thing here that the clock decides. On a machine that stands still for as
// long, the command has not set its trap when the limit ends; then the limit is doubled, until what
// is tested (what happens to a command that is ready) could be seen.
Outcome run_until_limited(Mode mode, const std::string& set_up, const std::string& then) {
  for (int seconds = 1;; seconds *= 2) {
    CageOptions limited;
    limited.relay_options = {"--time-limit", std::to_string(seconds)};
    Outcome outcome = run_caged(mode, bash(set_up + "; echo ready; " + then), limited);
    if (outcome.output.find("ready") != std::string::npos || seconds > 60) return outcome;
  }
}

TEST_P(Lifetime, the_time_limit_ends_the_command_with_SIGTERM_and_124) {
  const Outcome outcome = run_until_limited(GetParam(), "trap 'echo terminated; exit 3' TERM",
                                            "while :; do sleep 600 & wait; done");
  EXPECT_EQ(outcome.exit_code, 124) << outcome;
  EXPECT_THAT(outcome.output, HasSubstr("terminated"));
  EXPECT_THAT(outcome.messages, ElementsAre("time-limit " + std::to_string(3 << 8)));
}

TEST_P(Lifetime, the_time_limit_kills_what_ignores_SIGTERM) {
  CageOptions limited;
  limited.relay_options = {"--time-limit", "1", "--kill-after", "0"};
  const Outcome outcome =
      run_caged(GetParam(),
                bash(std::string(kDaemon) + "trap '' TERM; while :; do sleep 600; done"), limited);
  EXPECT_EQ(outcome.exit_code, 124) << outcome;
  EXPECT_THAT(outcome.messages, ElementsAre("time-limit 9"));
}

TEST_P(Lifetime, the_time_limit_ends_a_stopped_command) {
  const Outcome outcome =
      run_until_limited(GetParam(), "trap 'exit 4' TERM", "kill -STOP $$; sleep 600");
  EXPECT_EQ(outcome.exit_code, 124) << outcome;
  EXPECT_THAT(outcome.messages, ElementsAre("time-limit " + std::to_string(4 << 8)));
}

TEST_P(Lifetime, a_command_that_ends_in_time_is_not_touched_by_the_limit) {
  CageOptions limited;
  limited.relay_options = {"--time-limit", "600"};
  const Outcome outcome = run_caged(GetParam(), bash("exit 124"), limited);
  EXPECT_EQ(outcome.exit_code, 124);
  EXPECT_THAT(outcome.messages, ElementsAre("status " + std::to_string(124 << 8)));
}

}  // namespace
}  // namespace awf::tests
