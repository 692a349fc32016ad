#include "common/child.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "common/check.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"

namespace awf {
namespace {

SpawnPlan shell(const std::string& line) {
  return {.program = "/bin/sh", .argv = {"sh", "-c", line}, .environment = {"WHO=child"}};
}

TEST(Child, its_exit_code_and_environment_are_as_planned) {
  Child child = Child::spawn(shell("[ \"$WHO\" = child ] && exit 42"));
  EXPECT_EQ(exit_code::from_wait_status(child.wait()), 42);
}

TEST(Child, a_program_that_cannot_start_is_an_exception_with_the_reason) {
  SpawnPlan plan = shell("");
  plan.program = "/nonexistent/program";
  try {
    (void)Child::spawn(plan);
    FAIL() << "started";
  } catch (const SystemFailure& failure) {
    EXPECT_EQ(failure.error_number(), ENOENT);
  }
}

// The numbers overlap on purpose: each source is another's target.
TEST(Child, descriptors_are_placed_on_their_numbers_whatever_they_were) {
  const UniqueFd a = make_sealed_file("a", "A");
  const UniqueFd b = make_sealed_file("b", "B");
  SpawnPlan plan = shell("[ \"$(cat <&" + std::to_string(b.get()) + ")\" = A ] && [ \"$(cat <&" +
                         std::to_string(a.get()) + ")\" = B ]");
  plan.fds = {{b.get(), a.get()}, {a.get(), b.get()}};
  Child child = Child::spawn(plan);
  EXPECT_EQ(child.wait(), 0);
}

TEST(Child, NET_13_a_descriptor_that_was_not_named_does_not_reach_the_child) {
  const UniqueFd leaked(::dup(STDERR_FILENO));  // not close-on-exec, as from a careless caller
  const UniqueFd named = make_sealed_file("named", "");
  SpawnPlan plan = shell("ls /proc/self/fd | sort -n | tr '\\n' ' ' >&2; [ ! -e /proc/self/fd/" +
                         std::to_string(leaked.get()) + " ]");
  plan.fds = {{9, named.get()}};
  Child child = Child::spawn(plan);
  EXPECT_EQ(child.wait(), 0);
}

TEST(Child, a_signal_ends_it_and_a_signal_after_its_end_is_no_error) {
  Child child =
      Child::spawn({.program = "/bin/sleep", .argv = {"sleep", "100"}, .environment = {}});
  EXPECT_EQ(child.wait_for(std::chrono::milliseconds(1)), std::nullopt);
  child.signal(SIGTERM);
  EXPECT_EQ(exit_code::from_wait_status(child.wait()), 143);
  child.signal(SIGTERM);
}

TEST(Child, one_that_is_dropped_is_killed_and_reaped) {
  pid_t pid = 0;
  {
    const Child child =
        Child::spawn({.program = "/bin/sleep", .argv = {"sleep", "100"}, .environment = {}});
    pid = child.pid();
  }
  EXPECT_LT(::kill(pid, 0), 0);
  EXPECT_EQ(errno, ESRCH);
}

}  // namespace
}  // namespace awf
