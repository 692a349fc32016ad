// What a command can find of a secret that is in the workflow's environment: nothing, from its
// first instruction on, in its own environment, that of its children and every command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"

namespace awf {
namespace {

using namespace std::string_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSecret = "ghp_PLANTED0123456789";
constexpr std::size_t kMostOutput = 16UL * 1024 * 1024;

struct Outcome {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "exit code " << outcome.exit_code << "\nstdout: " << outcome.output
             << "\nstderr: " << outcome.errors;
}

// The records that every test starts from: secrets of the host and of --env, and what is needed.
std::string usual_records() {
  return "h:GITHUB_TOKEN="s + kSecret + '\0' + "h:OPENAI_API_KEY=sk-PLANTED-openai"s + '\0' +
         "h:ANTHROPIC_API_KEY=sk-ant-PLANTED"s + '\0' + "h:COPILOT_GITHUB_TOKEN=gho_PLANTED-cop"s +
         '\0' + "e:COPY="s + kSecret + '\0' + "a:PATH=/usr/bin:/bin"s + '\0';
}

Outcome run(const std::vector<std::string>& command, const std::string& records = usual_records(),
            const std::vector<std::string>& program = {AWF_UNSET_PROGRAM}) {
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  const UniqueFd environment = make_sealed_file("records", records);
  const UniqueFd nothing(::memfd_create("stdin", MFD_CLOEXEC));
  SpawnPlan plan;
  plan.program = program.front();
  plan.argv = program;
  plan.argv.insert(plan.argv.end(), {"--environment-fd", "6", "--"});
  plan.argv.insert(plan.argv.end(), command.begin(), command.end());
  plan.environment = {"PATH=/nowhere", "LANG=C", "OF_THE_CHAIN=1"};
  plan.fds = {{0, nothing.get()},
              {1, output.write_end.get()},
              {2, errors.write_end.get()},
              {6, environment.get()},
              {9, nothing.get()}};
  Child child = Child::spawn(plan);
  output.write_end.reset();
  errors.write_end.reset();
  Outcome outcome;
  outcome.output = read_rest(output.read_end.get(), kMostOutput, "the output");
  outcome.errors = read_rest(errors.read_end.get(), kMostOutput, "the messages");
  outcome.exit_code = exit_code::from_wait_status(child.wait());
  return outcome;
}

TEST(Command, S5_01_S5_02_S5_03_S5_04_S5_G2_S5_G5_sees_no_token_in_its_first_environment) {
  const auto outcome = run({"cat", "/proc/self/environ"});
  EXPECT_EQ(outcome.output, "PATH=/usr/bin:/bin\0"s) << outcome;
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST(Command, S5_G4_S5_E1_has_children_without_tokens_too) {
  const auto outcome = run({"sh", "-c", "cat /proc/$$/environ; env; cat /proc/self/environ"});
  EXPECT_THAT(outcome.output, Not(HasSubstr("PLANTED")));
  EXPECT_THAT(outcome.output, Not(HasSubstr("OF_THE_CHAIN")));
}

TEST(Command, S5_E3_TOK_21_is_told_what_was_dropped_and_no_part_of_a_value) {
  const auto outcome = run({"true"});
  EXPECT_THAT(outcome.errors, HasSubstr("\"COPY\" is not passed on"));
  EXPECT_THAT(outcome.errors, Not(HasSubstr("PLANTED")));
}

TEST(Command, S5_G6_with_a_token_among_its_words_is_not_run) {
  const auto outcome = run({"echo", "-n", "token="s + kSecret});
  EXPECT_EQ(outcome.exit_code, 125);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, HasSubstr("word 2 of the command"));
  EXPECT_THAT(outcome.errors, Not(HasSubstr("PLANTED")));
}

TEST(Command, inherits_no_descriptor_but_the_first_three) {
  // The fourth is that of ls itself.
  EXPECT_EQ(run({"ls", "/proc/self/fd"}).output, "0\n1\n2\n3\n");
}

TEST(Command, starts_with_no_signal_blocked_or_ignored) {
  const auto outcome =
      run({"grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"}, usual_records(),
          {"/usr/bin/env", "--block-signal=USR1", "--ignore-signal=PIPE", AWF_UNSET_PROGRAM});
  EXPECT_EQ(outcome.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") << outcome;
}

TEST(Command, is_looked_up_in_its_own_PATH_and_not_in_that_of_the_chain) {
  EXPECT_EQ(run({"echo", "found"}).output, "found\n");
  EXPECT_EQ(run({"echo", "found"}, "a:PATH=/nowhere").exit_code, 127);
}

TEST(Command, that_does_not_exist_is_answered_as_by_a_shell) {
  const auto outcome = run({"no-such-command"});
  EXPECT_EQ(outcome.exit_code, 127);
  EXPECT_THAT(outcome.errors, EndsWith("awf: no-such-command: command not found\n"));
}

TEST(Command, its_exit_code_and_output_are_its_own) {
  const auto outcome = run({"sh", "-c", "echo out; exit 42"});
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(outcome.exit_code, 42);
}

class BadRecords : public ::testing::TestWithParam<std::string> {};

TEST_P(BadRecords, are_refused_and_the_command_is_not_run) {
  const auto outcome = run({"echo", "run"}, GetParam());
  EXPECT_EQ(outcome.exit_code, 125) << outcome;
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, Not(HasSubstr("PLANTED")));
}

INSTANTIATE_TEST_SUITE_P(All, BadRecords,
                         ::testing::Values("PLANTED", "h:PLANTED", "a:PATH=/bin\0\0a:B=1"s,
                                           "h:MY_PASSWORD=/usr/bin/PLANTED\0"
                                           "a:PATH=/usr/bin/PLANTED"s));

TEST(Records, of_more_than_4_MiB_are_refused_and_the_command_is_not_run) {
  const auto outcome = run({"echo", "run"}, "a:X=" + std::string(4UL * 1024 * 1024, 'x'));
  EXPECT_EQ(outcome.exit_code, 125);
  EXPECT_EQ(outcome.output, "");
}

}  // namespace
}  // namespace awf
