// Limits of memory and processes: they hold, the machine and awf survive, and the end is told apart
// from others.
#include "integration/lifetime/limits_fixture.hpp"

namespace awf::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

INSTANTIATE_TEST_SUITE_P(Callers, Limits,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

// Who may not make cgroups has no limit of memory; that is refused in a test below.
class MemoryLimits : public Limits {};
INSTANTIATE_TEST_SUITE_P(Callers, MemoryLimits, testing::Values(Caller::kRoot, Caller::kSudo),
                         caller_name);

constexpr const char* kMemoryBomb = "x = []\nwhile True: x.append(bytearray(1 << 20))\n";

TEST_P(MemoryLimits, S7_G5_PROC_16_a_memory_bomb_is_137_and_a_line_that_names_the_limit) {
  const auto result = run({"--memory-limit", "128m", "--", "/usr/bin/python3", "-c", kMemoryBomb});
  EXPECT_EQ(result.exit_code, 137) << result;
  EXPECT_THAT(result.errors, AllOf(HasSubstr("out of memory"), HasSubstr("--memory-limit 128M")));
}

TEST_P(MemoryLimits, S7_G5_a_killed_child_leaves_the_commands_own_code_and_the_same_line) {
  const auto result =
      run({"--memory-limit", "128m", "--",
           "/usr/bin/python3 -c 'x = bytearray(400 << 20)'; echo child=$?; exit 3"});
  EXPECT_EQ(result.exit_code, 3) << result;
  EXPECT_EQ(result.output, "child=137\n");
  EXPECT_THAT(result.errors, HasSubstr("--memory-limit 128M was reached"));
}

TEST_P(MemoryLimits, another_kill_9_is_not_said_to_be_for_memory) {
  const auto result = run({"--memory-limit", "256m", "--", "kill -9 $$"});
  EXPECT_EQ(result.exit_code, 137) << result;
  EXPECT_THAT(result.errors, Not(HasSubstr("memory")));
}

TEST_P(MemoryLimits, what_is_written_to_the_private_tmp_counts) {
  const auto result =
      run({"--memory-limit", "128m", "--", "head -c 400M /dev/zero > /tmp/much; echo wrote=$?"});
  EXPECT_THAT(result.output, Not(HasSubstr("wrote=0"))) << result;
  EXPECT_THAT(result.errors, HasSubstr("--memory-limit 128M was reached"));
}

TEST(MemoryLimitsRootless, a_limit_that_cannot_be_had_is_refused_with_the_remedy) {
  World world = World::start();
  RunOptions options;
  options.caller = Caller::kRootless;
  const auto result = world.run_awf({"--memory-limit", "1g", "--", "echo ran"}, options);
  EXPECT_EQ(result.exit_code, 125) << result;
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, AllOf(HasSubstr("awf: --memory-limit"),
                                   HasSubstr("systemd-run --user --scope -p Delegate=yes")));
}

// What "systemd-run --user --scope -p Delegate=yes" gives: a cgroup that belongs to the user.
TEST(MemoryLimitsRootless, a_cgroup_that_is_the_users_own_is_enough) {
  World world = World::start();
  const std::string delegate =
      "own() { sed -n \"s#^[0-9]*:$1:##p\" /proc/self/cgroup; }\n"
      "if [ -d /sys/fs/cgroup/memory ]; then\n"
      "  d=/sys/fs/cgroup/memory$(own memory)/delegated-by-a-test-$RANDOM$RANDOM; in=$d; mkdir $d\n"
      "else\n"
      "  d=/sys/fs/cgroup/delegated-by-a-test-$RANDOM$RANDOM; in=$d/caller; mkdir -p $in\n"
      "  echo +memory >/sys/fs/cgroup/cgroup.subtree_control; echo +memory "
      ">$d/cgroup.subtree_control\n"
      "fi\n"
      "chown -R 33:33 $d\n"
      "(echo $BASHPID >$in/cgroup.procs; exec setpriv --reuid 33 --regid 33 --clear-groups "
      "awf --memory-limit 128m -- /usr/bin/python3 -c 'x = bytearray(400 << 20)'); echo code=$?\n"
      "find $d -depth -type d -print -exec rmdir {} \\; | grep -c awf-\n";
  const auto result = world.run_in_machine({"/bin/bash", "-c", delegate});
  EXPECT_EQ(result.output, "code=137\n0\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("--memory-limit 128M was reached"));
}

// The bomb's processes go on to fork for as long as they live. What the command says at its end
// comes from a process that was there before, since no new one can be had.
constexpr const char* kForkBomb = R"(
import os, sys, time
refused = 0
for _ in range(400):
    try:
        if os.fork() == 0:
            while True:
                try:
                    os.fork()
                except OSError:
                    time.sleep(0.1)
    except OSError:
        refused += 1
print('refused' if refused else 'all were let through')
)";

TEST_P(Limits, PROC_16_a_fork_bomb_is_held_and_ends_with_the_command) {
  const auto result = run({"--pids-limit", "100", "--", "/usr/bin/python3", "-c", kForkBomb});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "refused\n");
  EXPECT_TRUE(world.all_processes_end());
}

constexpr const char* kThreads = R"(
import threading
threading.stack_size(65536)
release = threading.Event()
count = 0
try:
    for _ in range(100000):
        threading.Thread(target=release.wait, daemon=True).start()
        count += 1
except RuntimeError:
    pass
print('threads', count)
release.set()
)";

TEST_P(Limits, PROC_16_of_100000_threads_no_more_than_the_default_come_to_be) {
  const auto result = run({"--", "/usr/bin/python3", "-c", kThreads});
  EXPECT_EQ(result.exit_code, 0) << result;
  ASSERT_EQ(result.output.substr(0, 8), "threads ") << result;
  EXPECT_LE(std::stoi(result.output.substr(8)), 4096);
  EXPECT_GE(std::stoi(result.output.substr(8)), 1000);
}

TEST_P(Limits, PROC_16_a_limit_is_for_the_commands_own_processes_and_exact) {
  const std::string python =
      "import os, sys\n"
      "n = 1\n"
      "try:\n"
      "    while True:\n"
      "        if os.fork() == 0: import signal; signal.pause()\n"
      "        n += 1\n"
      "except OSError: print(n)\n";
  const auto result = run({"--pids-limit", "20", "--", "/usr/bin/python3", "-c", python});
  EXPECT_EQ(result.output, "20\n") << result;
}

TEST_P(Limits, a_limit_of_one_process_lets_the_command_alone_run) {
  EXPECT_EQ(run({"--pids-limit", "1", "--", "exit 5"}).exit_code, 5);
  const auto forking = run({"--pids-limit", "1", "--", "/usr/bin/python3", "-c",
                            "import os\ntry: os.fork()\nexcept OSError: print('refused')"});
  EXPECT_EQ(forking.output, "refused\n") << forking;
}

// With uid 0 the files of cgroupfs are the command's own to write; the file system view is what
// keeps them.
TEST_P(Limits, PROC_16_the_command_can_neither_raise_its_limits_nor_leave_its_cgroup) {
  const std::string attack =
      "for file in $(find /sys/fs/cgroup -name cgroup.procs -o -name 'pids.max' -o -name "
      "'memory.limit_in_bytes' -o -name memory.max -o -name tasks); do "
      "{ echo 0 >$file; } 2>/dev/null && echo wrote $file; done; "
      "ulimit -Su 100000 2>/dev/null && ulimit -Su; echo tried";
  const auto result = run({"--pids-limit", "50", "--", attack});
  EXPECT_THAT(result.output, Not(HasSubstr("wrote"))) << result;
  EXPECT_THAT(result.output, HasSubstr("tried")) << result;
  const bool by_rlimit = GetParam() == Caller::kRootless;
  EXPECT_TRUE(!by_rlimit || result.output.find("100000") == std::string::npos) << result;
}

TEST_P(Limits, values_that_cannot_be_meant_are_refused) {
  for (const auto* bad : {"0", "-1", "x"}) {
    const auto result = run({"--pids-limit", bad, "--", "echo ran"});
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr("awf: --pids-limit"));
  }
}

TEST_P(Limits, plan_says_what_each_step_of_the_start_costs_and_does_not_run_the_command) {
  const auto result = run({"plan", "--timings", "--", "touch ran; echo ran"});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, AllOf(HasSubstr("awf-firewall"), HasSubstr("self-test"),
                                   HasSubstr("logs complete"), Not(HasSubstr("ran\n"))));
  EXPECT_FALSE(world.file(std::string(test_world::kWorkspace) + "/ran"));
  EXPECT_EQ(run({"--timings", "--", "true"}).exit_code, 125);
}

}  // namespace
}  // namespace awf::integration
