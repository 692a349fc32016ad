// No cgroup of a run stays behind, not even after kill -9.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "awf/cgroup_keeper.hpp"
#include "common/child.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "integration/lifetime/limits_fixture.hpp"

namespace awf::integration {
namespace {

using testing::HasSubstr;

class Cgroups : public Limits {};
INSTANTIATE_TEST_SUITE_P(Callers, Cgroups, testing::Values(Caller::kRoot, Caller::kSudo),
                         caller_name);

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

TEST_P(Cgroups, RUN_03_an_ordinary_end_leaves_no_cgroup) {
  const auto result =
      run({"--memory-limit", "256m", "--", "cat /proc/self/cgroup; (setsid sleep 1000 &); exit 4"});
  EXPECT_EQ(result.exit_code, 4) << result;
  const auto names = cgroups_in(result.output);
  ASSERT_FALSE(names.empty()) << result;
  for (const auto& name : names)
    EXPECT_FALSE(any_cgroup_named(name)) << name;
}

TEST_P(Cgroups, RUN_03_S8_G5_kill_9_of_awf_leaves_no_cgroup) {
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
TEST_P(Cgroups, RUN_04_the_next_run_removes_what_kill_9_of_everything_left) {
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

TEST_P(Cgroups, RUN_04_a_run_beside_ours_keeps_its_limits) {
  RunOptions open = options();
  open.input_stays_open = true;
  auto first = world.spawn_awf({"--memory-limit", "128m", "--",
                                "echo started; read go; /usr/bin/python3 -c "
                                "'x = bytearray(400 << 20)'; echo child=$?"},
                               open);
  ASSERT_TRUE(first.wait_for_output("started")) << first.errors();
  EXPECT_EQ(run({"--memory-limit", "256m", "--", "true"}).exit_code, 0);
  first.write_input("go\n");
  EXPECT_THAT(first.finish().output, HasSubstr("child=137"));
}

// As when the kernel is slow to move the chain's first process, and it has children by then.
TEST(CgroupKeeper, PROC_16_processes_that_were_there_already_come_under_the_limits_too) {
  const Pipe output = make_pipe();
  SpawnPlan plan{.program = "/bin/bash",
                 .argv = {"bash", "-c", "bash -c 'echo $BASHPID; exec sleep 1000' & wait"},
                 .environment = {"PATH=/usr/bin:/bin"},
                 .fds = {{1, output.write_end.get()}}};
  const Child parent = Child::spawn(plan);
  std::array<char, 32> line{};
  ASSERT_GT(::read(output.read_end.get(), line.data(), line.size()), 0);
  const std::string child(trimmed(line.data()));
  {
    supervisor::CgroupLimits limits;
    limits.processes = 100;
    auto keeper = supervisor::CgroupKeeper::start(limits);
    keeper.complete(parent.pid());
    EXPECT_EQ(keeper.answer(), std::nullopt);
    for (const auto& pid : {std::to_string(parent.pid()), child}) {
      EXPECT_THAT(read_file("/proc/" + pid + "/cgroup", 4096), HasSubstr("/awf-")) << pid;
    }
  }
  // The keeper's end is theirs.
  EXPECT_FALSE(std::filesystem::exists("/proc/" + child + "/exe"));
}

TEST_P(Cgroups, RUN_05_without_cgroups_what_was_asked_is_refused_and_the_default_is_a_warning) {
  const auto hidden = world.run_in_machine({"mount", "-t", "tmpfs", "none", "/sys/fs/cgroup"});
  ASSERT_EQ(hidden.exit_code, 0) << hidden;
  const auto by_default = run({"--", "exit 6"});
  EXPECT_EQ(by_default.exit_code, 6) << by_default;
  EXPECT_THAT(by_default.errors, HasSubstr("[warning] the command may start any number"));
  EXPECT_THAT(by_default.errors, testing::Not(HasSubstr("keeper")));
  for (const auto& asked : {std::pair{"--memory-limit", "1g"}, std::pair{"--pids-limit", "50"}}) {
    const auto refused = run({asked.first, asked.second, "--", "echo ran"});
    EXPECT_EQ(refused.exit_code, 125) << refused;
    EXPECT_EQ(refused.output, "");
    EXPECT_THAT(refused.errors, HasSubstr(std::string("awf: ") + asked.first));
  }
}

}  // namespace
}  // namespace awf::integration
