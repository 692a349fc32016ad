#include "common/service_lockdown.hpp"

#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "common/check.hpp"
#include "common/privileges.hpp"

#ifdef AWF_LEAKS_ARE_CHECKED
#include <sanitizer/lsan_interface.h>
#endif

namespace awf {
namespace {

struct ReleaseFilter {
  void operator()(scmp_filter_ctx filter) const noexcept { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

// Everything here turns a bug in a parser into more than that bug. All names are known to
// libseccomp 2.5.3 (Ubuntu 22.04); a name that a library does not know is an error, never a gap.
constexpr std::array kRefusedCalls = {
    // Other programs and other processes.
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
    // The file system view, and files beyond it by handle (CVE-2014-3519).
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at",
    // Namespaces; clone(2) is judged by its flags below.
    "unshare", "setns",
    // Machinery of the kernel with a history of holes, and keyrings that outlive us.
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "add_key", "request_key", "keyctl",
    // The machine as a whole.
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "swapon", "swapoff", "acct", "quotactl", "settimeofday", "clock_settime"};

// Each of these flags of clone(2) makes a namespace. clone3(2) keeps its flags in memory, where a
// filter cannot look, so it is answered as a kernel without it would and libc falls back.
constexpr std::array<unsigned long, 7> kNamespaceFlags = {
    0x00020000UL,  // CLONE_NEWNS
    0x02000000UL,  // CLONE_NEWCGROUP
    0x04000000UL,  // CLONE_NEWUTS
    0x08000000UL,  // CLONE_NEWIPC
    0x10000000UL,  // CLONE_NEWUSER
    0x20000000UL,  // CLONE_NEWPID
    0x40000000UL,  // CLONE_NEWNET
};

// libseccomp returns a negative errno and leaves errno alone.
void check_seccomp(int rc, const std::string& doing) {
  if (rc < 0) throw_system_failure(doing, -rc);
}

void verify_no_way_back(const ServiceLockdown& wanted) {
  const bool may_set_ids =
      std::find(wanted.keep_capabilities.begin(), wanted.keep_capabilities.end(), CAP_SETUID) !=
      wanted.keep_capabilities.end();
  if (!wanted.uid || *wanted.uid == 0 || may_set_ids) return;
  verify(::setresuid(0, 0, 0) < 0, "the old user cannot be taken back");
}

void forbid_tracing() {
  check(::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L), "refusing to be traced");
  verify(::prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0, "nobody can trace or dump us");
}

void refuse_calls() {
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW));
  verify(filter != nullptr, "a system call filter can be built");
  check_seccomp(::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
                "refusing foreign system calls");
  check_seccomp(::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1),
                "filtering all threads");
  const auto refuse = [&filter](const char* name, int error) {
    const int number = ::seccomp_syscall_resolve_name(name);
    verify(number != __NR_SCMP_ERROR, std::string("libseccomp knows ") + name);
    check_seccomp(
        ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), number, 0),
        std::string("refusing ") + name);
  };
  for (const char* name : kRefusedCalls) {
    refuse(name, EPERM);
  }
  refuse("clone3", ENOSYS);
  for (const unsigned long flag : kNamespaceFlags) {
    const scmp_arg_cmp makes_namespace{0, SCMP_CMP_MASKED_EQ, flag, flag};
    check_seccomp(::seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                           &makes_namespace),
                  "refusing new namespaces");
  }
  check_seccomp(::seccomp_load(filter.get()), "loading the system call filter");
}

void verify_calls_refused() {
  constexpr int kFilterMode = 2;
  verify(::prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) == kFilterMode, "a system call filter is active");
  // unshare(0) does nothing and succeeds for everybody whom no filter stops.
  verify(::syscall(SYS_unshare, 0) < 0 && errno == EPERM, "the system call filter refuses");
}

}  // namespace

void check_leaks_while_possible() {
#ifdef AWF_LEAKS_ARE_CHECKED
  __lsan_do_leak_check();
#endif
}

void lock_down_service(const ServiceLockdown& wanted) {
  check_leaks_while_possible();
  forbid_core_files();
  set_supplementary_groups({}, true);
  drop_bounding_set(wanted.keep_capabilities);
  if (wanted.gid) change_gid(*wanted.gid);
  if (wanted.uid) change_uid(*wanted.uid);
  drop_capabilities(wanted.keep_capabilities);
  verify_no_way_back(wanted);
  forbid_new_privileges();
  // Last of the credentials' steps: the kernel resets this flag when ids or capabilities change.
  forbid_tracing();
  refuse_calls();
  verify_calls_refused();
}

}  // namespace awf
