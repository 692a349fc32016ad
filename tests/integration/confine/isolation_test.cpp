// The attack: code in the cage looks for other processes and for PID 1, signals PID 1, and runs
// set-user-ID programs. The layers that must stop it: the PID namespace with its own /proc, PID 1's
// default signal actions and its being non-dumpable, no_new_privs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "cage.hpp"
#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Isolation : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(Modes, Isolation, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

TEST_P(Isolation, PROC_01_proc_shows_the_commands_own_processes_only) {
  const Outcome outcome = run_caged(
      GetParam(),
      bash("cd /proc; for p in [0-9]*; do [ $p = $$ ] || [ ! -d $p ] || echo other $p; done; "
           "echo self $$; readlink /proc/self; stat -fc %T /proc"));
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("self 2\n"), HasSubstr("proc"), Not(HasSubstr("other"))))
      << outcome;
}

TEST_P(Isolation, PROC_01_nothing_of_PID_1_can_be_read) {
  const Outcome outcome = run_caged(GetParam(), attacker("init-files"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("environ: ENOENT"), Not(HasSubstr("DONE"))))
      << outcome;
}

TEST_P(Isolation, PROC_17_the_environment_of_our_own_processes_is_wiped) {
  Cage cage(GetParam(), bash("echo ready; sleep 600"));
  cage.await_output("ready");
  const std::string about = "/proc/" + std::to_string(cage.init_pid()) + "/environ";
  EXPECT_THAT(read_file(about, 65536), Not(HasSubstr("visible-outside-only")));
  cage.close_control();
  (void)cage.finish();
}

TEST_P(Isolation, PROC_03_no_signal_from_inside_moves_PID_1) {
  const Outcome outcome =
      run_caged(GetParam(), bash(std::string(attacker("x").front()) + " signals-to-init; exit 6"));
  EXPECT_EQ(outcome.exit_code, 6) << outcome;
  // In root mode PID 1 is another user's; in rootless mode the kernel accepts and drops them.
  EXPECT_THAT(outcome.output, HasSubstr(GetParam() == Mode::kRoot ? "sent: 0" : "sent: 64"))
      << outcome;
}

TEST_P(Isolation, PROC_15_host_name_and_ipc_objects_are_the_sandboxs_own) {
  const Outcome outcome = run_caged(GetParam(), bash("hostname; readlink /proc/self/ns/ipc"));
  EXPECT_THAT(outcome.output, HasSubstr("awf\n"));
  const std::string ours = std::filesystem::read_symlink("/proc/self/ns/ipc");
  EXPECT_THAT(outcome.output, Not(HasSubstr(ours)));
}

TEST_P(Isolation, machine_wide_files_of_proc_are_hidden_or_read_only) {
  const Outcome outcome = run_caged(
      GetParam(),
      bash("grep -E ' /proc/(sys|irq|bus|fs|sysrq-trigger) ' /proc/self/mountinfo | grep -vc ' "
           "ro,'; "
           "cat /proc/keys /proc/timer_list 2>/dev/null; ls -A /proc/acpi /proc/scsi 2>/dev/null "
           "| grep -v '^/proc' | grep -v '^$'; "
           "for knob in /proc/sys/kernel/domainname /proc/sysrq-trigger; do "
           "  { echo x > $knob; } 2>/dev/null && echo wrote $knob; done; true"));
  EXPECT_EQ(outcome.output, "0\n") << outcome;
}

// A copy of id(1) that belongs to root and has the set-user-ID bit, on a file system that honours
// it.
class SetuidProgram {
 public:
  SetuidProgram() {
    std::string name = "/tmp/awf-setuid-XXXXXX";
    check(::mkdtemp(name.data()) == nullptr ? -1 : 0, "making a directory");
    directory_ = name;
    check(::mount("tmpfs", name.c_str(), "tmpfs", 0, "mode=755"), "mounting a tmpfs");
    std::filesystem::copy_file("/usr/bin/id", path());
    check(::chmod(path().c_str(), 04755), "setting the set-user-ID bit");
  }
  SetuidProgram(const SetuidProgram&) = delete;
  SetuidProgram& operator=(const SetuidProgram&) = delete;
  ~SetuidProgram() {
    (void)::umount2(directory_.c_str(), MNT_DETACH);
    (void)::rmdir(directory_.c_str());
  }
  [[nodiscard]] std::string path() const { return directory_ + "/id"; }

 private:
  std::string directory_;
};

TEST_P(Isolation, PROC_04_a_set_user_id_program_gives_nothing) {
  const SetuidProgram id;
  EXPECT_EQ(run_caged(GetParam(), {id.path(), "-u"}).output, "33\n");
}

TEST(IsolationControl, PROC_04_the_same_program_gives_root_outside) {
  const SetuidProgram id;
  auto plan = SpawnPlan{
      "/usr/bin/setpriv",
      {"setpriv", "--reuid", "33", "--clear-groups", "sh", "-c", "[ $(" + id.path() + " -u) = 0 ]"},
      {"PATH=/usr/bin:/bin"},
      {}};
  EXPECT_EQ(Child::spawn(plan).wait(), 0);
}

TEST_P(Isolation, PROC_04_sudo_fails) {
  const Outcome outcome = run_caged(GetParam(), {"sudo", "-n", "true"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("no new privileges"));
}

}  // namespace
}  // namespace awf::tests
