// The escapes that are one call each. Arguments are such that the call would do no harm to the
// machine if it were let through, where that can be had.
#include "escapes.hpp"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <string>

namespace awf::tests {
namespace {

// Calls that libseccomp and the C library of Ubuntu 22.04 have no names for.
constexpr long kFchmodat2 = 452;
constexpr long kStatmount = 457;
constexpr long kListmount = 458;
constexpr long kLsmGetSelfAttr = 459;
constexpr long kOpenTreeAttr = 467;

constexpr const char* kVictim = "/tmp/awf-escape-victim";
constexpr unsigned kBits = S_ISUID | S_IRWXU;

template <typename... Arguments>
Attempt call(long number, Arguments... arguments) {
  return [=] { return ::syscall(number, arguments...); };
}

Attempt open_for_writing(const char* path) {
  return [path] { return long{::open(path, O_WRONLY | O_CLOEXEC)}; };
}

Attempt clone_into(unsigned long flag) {
  return call(SYS_clone, flag | SIGCHLD, nullptr, nullptr, nullptr, 0L);
}

void add_namespaces(std::vector<Escape>& all) {
  struct Kind {
    const char* name;
    int flag;
  };
  constexpr Kind kKinds[] = {{"user", CLONE_NEWUSER},     {"mount", CLONE_NEWNS},
                             {"pid", CLONE_NEWPID},       {"net", CLONE_NEWNET},
                             {"ipc", CLONE_NEWIPC},       {"uts", CLONE_NEWUTS},
                             {"cgroup", CLONE_NEWCGROUP}, {"time", 0x80}};
  for (const auto& kind : kKinds) {
    const std::string name = kind.name;
    all.push_back({"unshare-" + name, "EPERM", call(SYS_unshare, kind.flag)});
    // In clone(2) that bit belongs to the number of the exit signal.
    if (name != "time") {
      all.push_back({"clone-" + name, "EPERM", clone_into(static_cast<unsigned>(kind.flag))});
    }
  }
  all.push_back({"setns", "EPERM", call(SYS_setns, 0, 0)});
  all.push_back({"clone3", "ENOSYS", call(SYS_clone3, nullptr, 0)});
}

void add_mounts(std::vector<Escape>& all) {
  const std::vector<Escape> mounts = {
      {"mount", "EPERM", call(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr)},
      {"umount", "EPERM", call(SYS_umount2, "/proc", 2)},
      {"pivot_root", "EPERM", call(SYS_pivot_root, "/", "/")},
      {"chroot", "EPERM", call(SYS_chroot, "/")},
      {"open_tree", "EPERM", call(SYS_open_tree, AT_FDCWD, "/", 1)},
      {"move_mount", "EPERM", call(SYS_move_mount, AT_FDCWD, "/", AT_FDCWD, "/", 0)},
      {"fsopen", "EPERM", call(SYS_fsopen, "tmpfs", 0)},
      {"fsconfig", "EPERM", call(SYS_fsconfig, -1, 0, nullptr, nullptr, 0)},
      {"fsmount", "EPERM", call(SYS_fsmount, -1, 0, 0)},
      {"fspick", "EPERM", call(SYS_fspick, AT_FDCWD, "/", 0)},
      {"mount_setattr", "EPERM", call(SYS_mount_setattr, AT_FDCWD, "/", 0, nullptr, 0)},
      {"open_tree_attr", "ENOSYS", call(kOpenTreeAttr, AT_FDCWD, "/", 1, nullptr, 0)},
      {"statmount", "ENOSYS", call(kStatmount, nullptr, nullptr, 0, 0)},
      {"listmount", "ENOSYS", call(kListmount, nullptr, nullptr, 0, 0)},
      {"lsm_get_self_attr", "ENOSYS", call(kLsmGetSelfAttr, 0, nullptr, nullptr, 0)},
      {"open_by_handle_at", "EPERM", call(SYS_open_by_handle_at, AT_FDCWD, nullptr, 0)},
      {"name_to_handle_at", "EPERM",
       call(SYS_name_to_handle_at, AT_FDCWD, "/", nullptr, nullptr, 0)},
      {"fanotify", "EPERM", call(SYS_fanotify_init, 0, 0)},
      {"quotactl", "EPERM", call(SYS_quotactl, 0, nullptr, 0, nullptr)},
      {"quotactl_fd", "EPERM", call(SYS_quotactl_fd, 0, 0, 0, nullptr)}};
  all.insert(all.end(), mounts.begin(), mounts.end());
}

void add_other_processes(std::vector<Escape>& all) {
  const std::vector<Escape> others = {
      {"ptrace-attach-1", "EPERM", call(SYS_ptrace, PTRACE_ATTACH, 1, nullptr, nullptr)},
      {"ptrace-seize-1", "EPERM", call(SYS_ptrace, PTRACE_SEIZE, 1, nullptr, nullptr)},
      {"process_vm_readv", "EPERM", call(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0)},
      {"process_vm_writev", "EPERM", call(SYS_process_vm_writev, 1, nullptr, 0, nullptr, 0, 0)},
      {"process_madvise", "EPERM", call(SYS_process_madvise, 0, nullptr, 0, 0, 0)},
      {"pidfd_getfd", "EPERM", call(SYS_pidfd_getfd, 0, 0, 0)},
      {"kcmp", "EPERM", call(SYS_kcmp, 1, 1, 0, 0, 0)},
      {"move_pages", "EPERM", call(SYS_move_pages, 1, 0, nullptr, nullptr, nullptr, 0)},
      {"migrate_pages", "EPERM", call(SYS_migrate_pages, 1, 0, nullptr, nullptr)},
      {"mem-of-1", "ENOENT EACCES", open_for_writing("/proc/1/mem")},
      {"prlimit-1", "EPERM", call(SYS_prlimit64, 1, RLIMIT_NOFILE, nullptr, nullptr)},
      {"affinity-1", "EPERM", call(SYS_sched_setaffinity, 1, 0, nullptr)},
      {"scheduler-1", "EPERM", call(SYS_sched_setscheduler, 1, 0, nullptr)},
      {"schedparam-1", "EPERM", call(SYS_sched_setparam, 1, nullptr)},
      {"schedattr-1", "EPERM", call(SYS_sched_setattr, 1, nullptr, 0)},
      {"nice-1", "EPERM", call(SYS_setpriority, PRIO_PROCESS, 1, 19)},
      {"nice-user", "EPERM", call(SYS_setpriority, PRIO_USER, 0, 19)},
      {"ionice-1", "EPERM", call(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 1, 0)},
      {"ionice-user", "EPERM", call(SYS_ioprio_set, IOPRIO_WHO_USER, 0, 0)},
      {"tiocsti", "EPERM", call(SYS_ioctl, 0, TIOCSTI, "x")},
      {"tioclinux", "EPERM", call(SYS_ioctl, 0, TIOCLINUX, "\x02")},
      {"tiocsetd", "EPERM", call(SYS_ioctl, 0, TIOCSETD, "\x01")}};
  all.insert(all.end(), others.begin(), others.end());
}

void add_machine(std::vector<Escape>& all) {
  const std::vector<Escape> machine = {
      {"io_uring_setup", "EPERM", call(SYS_io_uring_setup, 8, nullptr)},
      {"io_uring_enter", "EPERM", call(SYS_io_uring_enter, 0, 0, 0, 0, nullptr, 0)},
      {"io_uring_register", "EPERM", call(SYS_io_uring_register, 0, 0, nullptr, 0)},
      {"bpf", "EPERM", call(SYS_bpf, 0, nullptr, 0)},
      {"perf", "EPERM", call(SYS_perf_event_open, nullptr, 0, -1, -1, 0)},
      {"userfaultfd", "EPERM", call(SYS_userfaultfd, 1)},
      {"keyctl", "EPERM", call(SYS_keyctl, 0, -3, 1)},
      {"add_key", "EPERM", call(SYS_add_key, "user", "x", "y", 1, -3)},
      {"request_key", "EPERM", call(SYS_request_key, "user", "x", nullptr, -3)},
      {"kexec_load", "EPERM", call(SYS_kexec_load, 0, 0, nullptr, 0)},
      {"kexec_file_load", "EPERM", call(SYS_kexec_file_load, -1, -1, 0, nullptr, 0)},
      {"init_module", "EPERM", call(SYS_init_module, nullptr, 0, "")},
      {"finit_module", "EPERM", call(SYS_finit_module, -1, "", 0)},
      {"delete_module", "EPERM", call(SYS_delete_module, "no_such_module", 0)},
      {"acct", "EPERM", call(SYS_acct, nullptr)},
      {"swapon", "EPERM", call(SYS_swapon, "/no/such/file", 0)},
      {"swapoff", "EPERM", call(SYS_swapoff, "/no/such/file")},
      {"reboot", "EPERM", call(SYS_reboot, 0, 0, 0, nullptr)},
      {"settimeofday", "EPERM", call(SYS_settimeofday, nullptr, nullptr)},
      {"clock_settime", "EPERM", call(SYS_clock_settime, 0, nullptr)},
      {"sethostname", "EPERM", call(SYS_sethostname, "x", 1)},
      {"setdomainname", "EPERM", call(SYS_setdomainname, "x", 1)},
      {"syslog", "EPERM", call(SYS_syslog, 3, nullptr, 0)},
      {"vhangup", "EPERM", call(SYS_vhangup)},
      {"personality", "EPERM", call(SYS_personality, 0x0400000)},
      {"core_pattern", "EACCES EROFS ENOENT", open_for_writing("/proc/sys/kernel/core_pattern")},
      {"modprobe", "EACCES EROFS ENOENT", open_for_writing("/proc/sys/kernel/modprobe")},
      {"sysrq", "EACCES EROFS ENOENT", open_for_writing("/proc/sysrq-trigger")},
      {"release_agent", "EACCES EROFS ENOENT",
       open_for_writing("/sys/fs/cgroup/memory/release_agent")},
      {"uevent_helper", "EACCES EROFS ENOENT", open_for_writing("/sys/kernel/uevent_helper")},
      {"dev-mem", "EACCES ENOENT", open_for_writing("/dev/mem")},
      {"dev-kmsg", "EACCES ENOENT", open_for_writing("/dev/kmsg")},
#ifdef __x86_64__
      {"iopl", "EPERM", call(SYS_iopl, 3)},
      {"ioperm", "EPERM", call(SYS_ioperm, 0x80, 1, 1)},
      {"modify_ldt", "EPERM", call(SYS_modify_ldt, 0, nullptr, 0)},
#endif
  };
  all.insert(all.end(), machine.begin(), machine.end());
}

void add_file_modes(std::vector<Escape>& all) {
  constexpr int kCreate = O_CREAT | O_WRONLY;
  const std::vector<Escape> modes = {
      {"fchmodat-setuid", "EPERM", call(SYS_fchmodat, AT_FDCWD, kVictim, kBits)},
      {"fchmodat-setgid", "EPERM", call(SYS_fchmodat, AT_FDCWD, kVictim, S_ISGID | S_IRWXU)},
      {"fchmodat2-setuid", "EPERM", call(kFchmodat2, AT_FDCWD, kVictim, kBits, 0)},
      {"fchmod-setuid", "EPERM", call(SYS_fchmod, 1, kBits)},
      {"openat-setuid", "EPERM", call(SYS_openat, AT_FDCWD, kVictim, kCreate, kBits)},
      {"tmpfile-setuid", "EPERM", call(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, kBits)},
      {"openat2", "ENOSYS", call(SYS_openat2, AT_FDCWD, kVictim, nullptr, 0)},
      {"mknodat-setuid", "EPERM", call(SYS_mknodat, AT_FDCWD, kVictim, S_IFREG | kBits, 0)},
      {"mknod-memory", "EPERM",
       call(SYS_mknodat, AT_FDCWD, kVictim, S_IFCHR | S_IRUSR, makedev(1, 1))},
      {"mknod-disk", "EPERM",
       call(SYS_mknodat, AT_FDCWD, kVictim, S_IFBLK | S_IRUSR, makedev(8, 0))},
#ifdef __x86_64__
      {"chmod-setuid", "EPERM", call(SYS_chmod, kVictim, kBits)},
      {"open-setuid", "EPERM", call(SYS_open, kVictim, kCreate, kBits)},
      {"creat-setuid", "EPERM", call(SYS_creat, kVictim, kBits)},
      {"mknod-setuid", "EPERM", call(SYS_mknod, kVictim, S_IFREG | kBits, 0)},
#endif
  };
  all.insert(all.end(), modes.begin(), modes.end());
}

}  // namespace

std::vector<Escape> escapes() {
  std::vector<Escape> all;
  add_namespaces(all);
  add_mounts(all);
  add_other_processes(all);
  add_machine(all);
  add_file_modes(all);
  return all;
}

}  // namespace awf::tests
