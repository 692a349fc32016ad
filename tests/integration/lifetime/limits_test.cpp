// Limits of memory and processes: they hold, the machine and awf survive, the end is told apart
// from others, and no cgroup stays behind, not even after kill -9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "common/text.hpp"
#include "support/world.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string caller_name(const testing::TestParamInfo<Caller>& tested) {
  if (tested.param == Caller::kRoot) return "root";
  return tested.param == Caller::kSudo ? "sudo" : "rootless";
}

class Limits : public testing::TestWithParam<Caller> {
 protected:
  static RunOptions options() {
    RunOptions options;
    options.caller = GetParam();
    options.limit = std::chrono::minutes(2);
    return options;
  }
  CommandResult run(std::vector<std::string> words) { return world.run_awf(words, options()); }

  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Limits,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

// Who may not make cgroups has no limit of memory; that is refused in the next but one test.
class MemoryLimits : public Limits {};
INSTANTIATE_TEST_SUITE_P(Callers, MemoryLimits, testing::Values(Caller::kRoot, Caller::kSudo),
                         caller_name);

constexpr const char* kMemoryBomb = "x = []\nwhile True: x.append(bytearray(1 << 20))\n";

TEST_P(MemoryLimits, S7_G5_PROC_16_a_memory_bomb_is_137_and_a_line_that_names_the_limit) {
  const auto result = run({"--memory-limit", "64m", "--", "/usr/bin/python3", "-c", kMemoryBomb});
  EXPECT_EQ(result.exit_code, 137) << result;
  EXPECT_THAT(result.errors, AllOf(HasSubstr("out of memory"), HasSubstr("--memory-limit 64M")));
}

TEST_P(MemoryLimits, S7_G5_a_killed_child_leaves_the_commands_own_code_and_the_same_line) {
  const auto result =
      run({"--memory-limit", "64m", "--",
           "/usr/bin/python3 -c 'x = bytearray(200 << 20)'; echo child=$?; exit 3"});
  EXPECT_EQ(result.exit_code, 3) << result;
  EXPECT_EQ(result.output, "child=137\n");
  EXPECT_THAT(result.errors, HasSubstr("--memory-limit 64M was reached"));
}

TEST_P(MemoryLimits, another_kill_9_is_not_said_to_be_for_memory) {
  const auto result = run({"--memory-limit", "256m", "--", "kill -9 $$"});
  EXPECT_EQ(result.exit_code, 137) << result;
  EXPECT_THAT(result.errors, Not(HasSubstr("memory")));
}

TEST_P(MemoryLimits, what_is_written_to_the_private_tmp_counts) {
  const auto result =
      run({"--memory-limit", "64m", "--", "head -c 200M /dev/zero > /tmp/much; echo wrote=$?"});
  EXPECT_THAT(result.output, Not(HasSubstr("wrote=0"))) << result;
  EXPECT_THAT(result.errors, HasSubstr("--memory-limit 64M was reached"));
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

TEST_P(Limits, values_that_cannot_be_meant_are_refused) {
  for (const auto* bad : {"0", "-1", "x"}) {
    const auto result = run({"--pids-limit", bad, "--", "echo ran"});
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr("awf: --pids-limit"));
  }
}

// --- what stays of cgroups ------------------------------------------------------------------

// Every directory of this name, in whatever hierarchy.
bool any_cgroup_named(const std::string& name) {
  std::error_code gone;  // other runs come and go while we look
  using Walk = std::filesystem::recursive_directory_iterator;
  for (auto it = Walk("/sys/fs/cgroup", gone); it != Walk(); it.increment(gone)) {
    if (gone) gone.clear();
    if (it->path().filename() == name) return true;
  }
  return false;
}

std::vector<std::string> cgroups_in(const std::string& output) {
  std::vector<std::string> names;
  for (const auto line : split(output, '\n')) {
    const auto at = line.find("/awf-");
    if (at == std::string_view::npos) continue;
    names.emplace_back(line.substr(line.rfind('/') + 1));
  }
  return names;
}

bool all_are_removed(const std::vector<std::string>& names) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (const auto& name : names) {
    while (any_cgroup_named(name)) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
  }
  return true;
}

TEST_P(MemoryLimits, RUN_03_an_ordinary_end_leaves_no_cgroup) {
  const auto result =
      run({"--memory-limit", "256m", "--", "cat /proc/self/cgroup; (setsid sleep 1000 &); exit 4"});
  EXPECT_EQ(result.exit_code, 4) << result;
  const auto names = cgroups_in(result.output);
  ASSERT_FALSE(names.empty()) << result;
  for (const auto& name : names)
    EXPECT_FALSE(any_cgroup_named(name)) << name;
}

TEST_P(MemoryLimits, RUN_03_S8_G5_kill_9_of_awf_leaves_no_cgroup) {
  auto command = world.spawn_awf(
      {"--memory-limit", "256m", "--", "cat /proc/self/cgroup; echo started; sleep 1000"},
      options());
  ASSERT_TRUE(command.wait_for_output("started")) << command.errors();
  const auto names = cgroups_in(command.output());
  ASSERT_FALSE(names.empty()) << command.output();
  command.signal(SIGKILL);
  EXPECT_EQ(command.finish().exit_code, 137);
  EXPECT_TRUE(all_are_removed(names));
  EXPECT_TRUE(world.all_processes_end());
}

// The keeper itself is killed too: what it leaves, the next run takes away.
TEST_P(MemoryLimits, RUN_04_the_next_run_removes_what_kill_9_of_everything_left) {
  auto command = world.spawn_awf(
      {"--memory-limit", "256m", "--", "cat /proc/self/cgroup; echo started; sleep 1000"},
      options());
  ASSERT_TRUE(command.wait_for_output("started")) << command.errors();
  const auto names = cgroups_in(command.output());
  ASSERT_FALSE(names.empty()) << command.output();
  auto processes = world.processes();
  std::sort(processes.begin(), processes.end(),
            [](const auto& a, const auto& b) { return a.pid > b.pid; });
  for (const auto& process : processes) {
    // The keeper is awf's child, and dies first.
    if (process.command_line.find("awf --memory-limit") != std::string::npos) {
      (void)::kill(process.pid, SIGKILL);
    }
  }
  (void)command.finish();
  ASSERT_TRUE(world.all_processes_end());
  for (const auto& name : names)
    EXPECT_TRUE(any_cgroup_named(name)) << name << ": the keeper was not killed first";
  EXPECT_EQ(run({"--memory-limit", "256m", "--", "true"}).exit_code, 0);
  EXPECT_TRUE(all_are_removed(names));
}

TEST_P(MemoryLimits, RUN_04_a_run_beside_ours_keeps_its_limits) {
  RunOptions open = options();
  open.input_stays_open = true;
  auto first = world.spawn_awf({"--memory-limit", "64m", "--",
                                "echo started; read go; /usr/bin/python3 -c "
                                "'x = bytearray(200 << 20)'; echo child=$?"},
                               open);
  ASSERT_TRUE(first.wait_for_output("started")) << first.errors();
  EXPECT_EQ(run({"--memory-limit", "256m", "--", "true"}).exit_code, 0);
  first.write_input("go\n");
  EXPECT_THAT(first.finish().output, HasSubstr("child=137"));
}

// --- the caller's limit of file sizes ---------------------------------------------------------

CommandResult run_with_file_limit(World& world, Caller caller, const std::string& limit,
                                  const std::string& line) {
  RunOptions options;
  options.caller = caller;
  return world.run_in_machine(
      {"/bin/bash", "-c",
       limit + "; awf --audit-dir /home/runner/awf-audit --allow-domains example.org -- '" + line +
           "'; echo code=$?"},
      options);
}

class FileSizeLimit : public Limits {};
INSTANTIATE_TEST_SUITE_P(Callers, FileSizeLimit,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

constexpr const char* kManyDenials =
    "for i in 1 2 3 4 5 6 7 8 9 10; do curl -s https://denied-$i.example.net; done; exit 5";

// Whoever has CAP_SYS_RESOURCE, as sudo gives it, lifts a hard limit as everybody does a soft one.
TEST_P(FileSizeLimit, RUN_05_a_limit_that_can_be_lifted_is_for_the_command_alone) {
  const auto denied = run_with_file_limit(world, GetParam(), "ulimit -S -f 1", kManyDenials);
  EXPECT_THAT(denied.output, HasSubstr("code=5")) << denied;
  EXPECT_GT(world.file("/home/runner/awf-audit/audit.jsonl").value_or("").size(), 1024U);
  const auto writing =
      run_with_file_limit(world, GetParam(), "ulimit -S -f 1", "head -c 9999 /dev/zero > /tmp/much");
  EXPECT_THAT(writing.output, HasSubstr("code=153")) << "SIGXFSZ: " << writing;
}

TEST_P(FileSizeLimit, RUN_05_one_that_cannot_is_a_refusal_and_no_hang) {
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_in_machine(
      {"/usr/bin/setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource",
       "/bin/bash", "-c",
       "ulimit -f 1; awf --audit-dir /home/runner/awf-audit -- 'echo ran'; echo code=$?"},
      options);
  EXPECT_EQ(result.output, "code=125\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("File too large")) << result;
}

// The log reaches the limit only while the command runs.
TEST_P(FileSizeLimit, RUN_05_a_log_that_cannot_grow_shuts_the_network) {
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_in_machine(
      {"/usr/bin/setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource",
       "/bin/bash", "-c",
       "ulimit -f 4; awf --audit-dir /home/runner/awf-audit --allow-domains example.org -- "
       "'for i in $(seq 40); do curl -s https://denied-$i.example.net; done; "
       "curl -s -m 5 https://example.org; exit 5'; echo code=$?"},
      options);
  EXPECT_TRUE(result.ended) << result;
  EXPECT_EQ(result.output, "code=5\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("File too large")) << result;
}

}  // namespace
}  // namespace awf::integration
