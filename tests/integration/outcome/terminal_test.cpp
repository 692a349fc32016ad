// --tty: the command has a terminal of its own, with job control, and none of the caller's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::RunOptions;
using test_world::World;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Terminal : public testing::TestWithParam<Caller> {
 protected:
  static RunOptions options() {
    RunOptions options;
    options.caller = GetParam();
    options.input_stays_open = true;
    return options;
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Terminal, testing::Values(Caller::kSudo, Caller::kRootless),
                         [](const testing::TestParamInfo<Caller>& tested) {
                           return test_world::name_of(tested.param);
                         });

TEST_P(Terminal, the_standard_streams_are_a_terminal_and_it_is_the_controlling_one) {
  auto run = world.spawn_awf(
      {"--tty", "--", "test -t 0 && test -t 1 && test -t 2 && echo by-name >/dev/tty; stty size"},
      options());
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "by-name\r\n24 120\r\n");
}

// The job has a process group of its own, which only a shell with a controlling terminal can make
// the one in the foreground.
TEST_P(Terminal, an_interrupt_typed_into_it_reaches_the_job_in_the_foreground_alone) {
  const std::string job = "trap \"exit 7\" INT; echo started; sleep 1000 & wait";
  auto run = world.spawn_awf(
      {"--tty", "--", "set -m; trap 'echo shell' INT; bash -c '" + job + "'; echo job=$?; exit 3"},
      options());
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  run.write_input("\x03");
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 3) << result;
  EXPECT_THAT(result.output, HasSubstr("job=7"));
  EXPECT_THAT(result.output, Not(HasSubstr("shell")));
  EXPECT_THAT(world.processes(), IsEmpty());
}

TEST_P(Terminal, what_is_typed_arrives_and_the_end_of_input_ends_a_reader) {
  auto run = world.spawn_awf({"--tty", "--", "stty -echo; echo ready; cat; echo end"}, options());
  ASSERT_TRUE(run.wait_for_output("ready")) << run.errors();
  run.write_input("one line\n");
  ASSERT_TRUE(run.wait_for_output("one line")) << run.errors();
  run.close_input();
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "ready\r\none line\r\nend\r\n");
}

// More than a terminal holds, not more than our pipe and awf's piece do together.
TEST_P(Terminal, RUN_02_a_command_that_does_not_read_can_be_ended) {
  auto run =
      world.spawn_awf({"--tty", "--", "stty raw -echo; echo ready; exec sleep 1000"}, options());
  ASSERT_TRUE(run.wait_for_output("ready")) << run.errors();
  run.write_input(std::string(67000, 'x'));
  run.signal(SIGTERM);
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 143) << result;
  EXPECT_THAT(world.processes(), IsEmpty());
}

TEST_P(Terminal, much_that_is_typed_at_once_arrives_whole) {
  auto run = world.spawn_awf(
      {"--tty", "--", "stty raw -echo; echo ready; head -c 200000 | sha256sum"}, options());
  ASSERT_TRUE(run.wait_for_output("ready")) << run.errors();
  run.write_input(std::string(200000, 'x'));
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output,
              HasSubstr("91e3faafd322bcdf160f3f0ce886acb092b9b9e2a1e8526b40f21a8898a8700b"));
}

TEST_P(Terminal, without_tty_there_is_no_controlling_terminal) {
  auto run =
      world.spawn_awf({"--", "test -t 0; echo $?; (: </dev/tty) 2>/dev/null; echo $?"}, options());
  const auto result = run.finish();
  EXPECT_EQ(result.output, "1\n1\n") << result;
}

}  // namespace
}  // namespace awf::integration
