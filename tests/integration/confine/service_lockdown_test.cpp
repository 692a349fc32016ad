// What a locked-down service of ours can still do: each case in a process of its own, since there
// is no way back.
#include "common/service_lockdown.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <iostream>

#include "common/check.hpp"
#include "common/privileges.hpp"

namespace awf {
namespace {

// Locks a child down and returns its wait status: exit code 0 when `holds` does there.
int in_locked_down_child(const ServiceLockdown& wanted, const std::function<bool()>& holds) {
  const pid_t child = check(::fork(), "forking");
  if (child == 0) {
    int code = 1;
    try {
      lock_down_service(wanted);
      code = holds() ? 0 : 2;
    } catch (const std::exception& failure) {
      std::cerr << failure.what() << std::endl;
    }
    ::_exit(code);
  }
  int status = -1;
  check(::waitpid(child, &status, 0), "waiting");
  return status;
}

bool refused(long rc, int error = EPERM) {
  return rc < 0 && errno == error;
}

const ServiceLockdown kAsNobody{33, 33, {}};

TEST(ServiceLockdown, PROC_17_no_core_file_no_dump_no_way_back) {
  EXPECT_EQ(in_locked_down_child(kAsNobody,
                                 [] {
                                   rlimit core{1, 1};
                                   return ::getrlimit(RLIMIT_CORE, &core) == 0 &&
                                          core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE) == 0 &&
                                          ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
                                          ::getuid() == 33 && ::getegid() == 33 &&
                                          ::getgroups(0, nullptr) == 0 &&
                                          refused(::setresuid(0, 0, 0)) &&
                                          refused(::setresgid(0, 0, 0));
                                 }),
            0);
}

TEST(ServiceLockdown, only_the_kept_capabilities_stay_and_they_work_over_the_change_of_user) {
  EXPECT_EQ(in_locked_down_child({33, 33, {CAP_KILL}},
                                 [] {
                                   // Process 1 is root's: only CAP_KILL lets another user ask.
                                   return holds_capability(CAP_KILL) &&
                                          !holds_capability(CAP_SETUID) &&
                                          !holds_capability(CAP_SYS_ADMIN) &&
                                          ::cap_get_bound(CAP_SYS_ADMIN) == 0 && ::kill(1, 0) == 0;
                                 }),
            0);
  EXPECT_EQ(in_locked_down_child(kAsNobody, [] { return refused(::kill(1, 0)); }), 0);
}

TEST(ServiceLockdown, PROC_02_PROC_09_what_turns_a_bug_into_more_is_refused) {
  EXPECT_EQ(in_locked_down_child(
                {},
                [] {
                  char program[] = "/bin/true";
                  char* arguments[] = {program, nullptr};
                  return refused(::execv(program, arguments)) &&
                         refused(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)) &&
                         refused(::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0)) &&
                         refused(::mount("none", "/tmp", "tmpfs", 0, nullptr)) &&
                         refused(::unshare(CLONE_NEWUSER)) && refused(::setns(0, 0)) &&
                         refused(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)) &&
                         refused(::syscall(SYS_clone3, nullptr, 0), ENOSYS) &&
                         refused(::syscall(SYS_bpf, 0, nullptr, 0)) &&
                         refused(::syscall(SYS_io_uring_setup, 1, nullptr)) &&
                         refused(::syscall(SYS_keyctl, 0, -3, 1)) &&
                         refused(::syscall(SYS_pidfd_getfd, 0, 0, 0)) &&
                         refused(::syscall(SYS_open_by_handle_at, -1, nullptr, 0));
                }),
            0);
}

TEST(ServiceLockdown, what_a_service_needs_still_works) {
  EXPECT_EQ(in_locked_down_child(kAsNobody,
                                 [] {
                                   const pid_t child = ::fork();
                                   if (child == 0) ::_exit(0);
                                   int status = -1;
                                   return child > 0 && ::waitpid(child, &status, 0) == child &&
                                          status == 0 && ::socket(AF_INET, SOCK_STREAM, 0) >= 0;
                                 }),
            0);
}

#ifdef __x86_64__
TEST(ServiceLockdown, foreign_abis_end_the_process) {
  const int status = in_locked_down_child({}, [] {
    long rc = 20;  // getpid of i386
    asm volatile("int $0x80" : "+a"(rc) : : "memory");
    return true;
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << status;
}
#endif

TEST(ServiceLockdown, a_capability_that_is_not_there_cannot_be_kept) {
  const pid_t child = check(::fork(), "forking");
  if (child == 0) {
    int code = 1;
    try {
      drop_capabilities({});
      lock_down_service({std::nullopt, std::nullopt, {CAP_KILL}});
    } catch (const SystemFailure&) {
      code = 0;
    }
    ::_exit(code);
  }
  int status = -1;
  check(::waitpid(child, &status, 0), "waiting");
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace awf
