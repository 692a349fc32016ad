#include "common/service_lockdown.hpp"

#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <type_traits>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AWF_LEAKS_ARE_CHECKED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define AWF_LEAKS_ARE_CHECKED 1
#endif
#ifdef AWF_LEAKS_ARE_CHECKED
#include <sanitizer/lsan_interface.h>
#endif

namespace awf {
namespace {

struct FreeCapabilities {
  void operator()(cap_t caps) const noexcept { (void)::cap_free(caps); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

struct ReleaseFilter {
  void operator()(scmp_filter_ctx filter) const noexcept { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

// Everything here turns a bug in a parser into more than that bug. All names are known to
// libseccomp 2.5.3 (Ubuntu 22.04); a name that a library does not know is an error, never a gap.
constexpr std::array kRefusedCalls = {
    "execve",
    "execveat",  // other programs
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",  // other processes
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",  // the file system view
    "unshare",
    "setns",  // namespaces
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",  // kernel machinery
    "add_key",
    "request_key",
    "keyctl",  // shared keyrings
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "settimeofday",
    "clock_settime",
    "open_by_handle_at",
    "name_to_handle_at",  // files beyond the view, by handle (CVE-2014-3519)
};

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

bool holds(cap_value_t capability) {
  const Capabilities now(::cap_get_proc());
  cap_flag_value_t value = CAP_CLEAR;
  check(now ? 0 : -1, "reading our capabilities");
  check(::cap_get_flag(now.get(), capability, CAP_EFFECTIVE, &value), "reading a capability");
  return value == CAP_SET;
}

void forbid_core_files() {
  const rlimit none{0, 0};
  check(::setrlimit(RLIMIT_CORE, &none), "forbidding core files");
  rlimit now{1, 1};
  check(::getrlimit(RLIMIT_CORE, &now), "reading the limit of core files");
  verify(now.rlim_cur == 0 && now.rlim_max == 0, "no core file can be written");
}

void drop_groups() {
  if (!holds(CAP_SETGID)) return;
  if (::setgroups(0, nullptr) < 0) {
    const int error = errno;
    // user_namespaces(7): "deny" is what lets an unprivileged user map its gid at all.
    const bool denied = error == EPERM && trimmed(read_file("/proc/self/setgroups", 16)) == "deny";
    if (!denied) throw_system_failure("dropping the supplementary groups", error);
    return;
  }
  verify(::getgroups(0, nullptr) == 0, "no supplementary group is left");
}

void change_ids(const ServiceLockdown& wanted) {
  if (wanted.gid) {
    const gid_t gid = *wanted.gid;
    check(::setresgid(gid, gid, gid), "changing the group");
    std::array<gid_t, 3> now{};
    check(::getresgid(&now[0], &now[1], &now[2]), "reading the group");
    verify(now == std::array<gid_t, 3>{gid, gid, gid}, "the group changed");
  }
  if (!wanted.uid) return;
  const uid_t uid = *wanted.uid;
  // Without this flag the kernel empties the permitted set when the last uid stops being 0.
  check(::prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L), "keeping capabilities over the change of user");
  check(::setresuid(uid, uid, uid), "changing the user");
  check(::prctl(PR_SET_KEEPCAPS, 0L, 0L, 0L, 0L), "resetting the capabilities' flag");
  std::array<uid_t, 3> now{};
  check(::getresuid(&now[0], &now[1], &now[2]), "reading the user");
  verify(now == std::array<uid_t, 3>{uid, uid, uid}, "the user changed");
}

void drop_bounding_set(const std::vector<int>& keep) {
  if (!holds(CAP_SETPCAP)) return;
  for (cap_value_t c = 0; c < ::cap_max_bits(); ++c) {
    if (std::find(keep.begin(), keep.end(), c) != keep.end()) continue;
    check(::cap_drop_bound(c), "dropping a capability for good");
    verify(::cap_get_bound(c) == 0, "a capability is out of the bounding set");
  }
}

void drop_capabilities(const std::vector<int>& keep) {
  const Capabilities wanted(::cap_init());
  check(wanted ? 0 : -1, "describing capabilities");
  for (const int c : keep) {
    for (const cap_flag_t set : {CAP_PERMITTED, CAP_EFFECTIVE}) {
      check(::cap_set_flag(wanted.get(), set, 1, &c, CAP_SET), "describing a capability");
    }
  }
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L), "clearing ambient rights");
  check(::cap_set_proc(wanted.get()), "dropping capabilities");
  // The ambient set is a part of the inheritable one, so that this comparison covers it.
  const Capabilities now(::cap_get_proc());
  check(now ? 0 : -1, "reading our capabilities");
  verify(::cap_compare(now.get(), wanted.get()) == 0, "only the needed capabilities are left");
}

void verify_no_way_back(const ServiceLockdown& wanted) {
  const bool may_set_ids =
      std::find(wanted.keep_capabilities.begin(), wanted.keep_capabilities.end(), CAP_SETUID) !=
      wanted.keep_capabilities.end();
  if (!wanted.uid || *wanted.uid == 0 || may_set_ids) return;
  verify(::setresuid(0, 0, 0) < 0, "the old user cannot be taken back");
}

void forbid_tracing_and_new_privileges() {
  check(::prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), "setting no_new_privs");
  verify(::prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1, "no_new_privs is set");
  // Last of the credentials' steps: the kernel resets this flag when ids change.
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
  for (const char* name : kRefusedCalls)
    refuse(name, EPERM);
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

void lock_down_service(const ServiceLockdown& wanted) {
#ifdef AWF_LEAKS_ARE_CHECKED
  // LeakSanitizer traces the process at its exit, which we are about to forbid. Its check runs now
  // instead, and by its contract not again.
  __lsan_do_leak_check();
#endif
  forbid_core_files();
  drop_groups();
  // Before the ids change: afterwards CAP_SETPCAP is no longer effective.
  drop_bounding_set(wanted.keep_capabilities);
  change_ids(wanted);
  drop_capabilities(wanted.keep_capabilities);
  verify_no_way_back(wanted);
  forbid_tracing_and_new_privileges();
  refuse_calls();
  verify_calls_refused();
}

}  // namespace awf
