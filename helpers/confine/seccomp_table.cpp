#include "confine/seccomp_table.hpp"

#include <array>

namespace awf::confine {
namespace {

// Left out on purpose, so that the default refuses them with EPERM:
//   mount umount2 pivot_root chroot and the new mount API; unshare setns      the view is the cage
//   process_vm_* process_madvise kcmp pidfd_getfd move_pages                  other processes
//   io_uring_*      does network and files past this filter
//   bpf perf_event_open userfaultfd modify_ldt                 most kernel exploits begin here
//   add_key request_key keyctl                                 keyrings know no namespaces
//   open_by_handle_at name_to_handle_at fanotify_*             files beyond the view
//   kexec_* *_module reboot swap* acct quotactl* syslog iopl ioperm settimeofday …   the machine
// Judged by their arguments in seccomp_compiler and argument_rules: clone socket socketpair ioctl
// personality, those that give a file its mode, those that change another process.
constexpr const char* kAllowedCalls[] = {  // Clang deduces std::array up to 256 elements only.

    // Reading and writing.
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
    "pwritev2", "lseek", "sendfile", "splice", "tee", "vmsplice", "copy_file_range", "readahead",
    "io_setup", "io_destroy", "io_submit", "io_cancel", "io_getevents", "io_pgetevents", "fcntl",
    "flock", "fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "fadvise64", "fallocate",
    "ftruncate", "truncate",
    // Descriptors.
    "close", "close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "memfd_create", "memfd_secret",
    "eventfd", "eventfd2", "signalfd", "signalfd4", "timerfd_create", "timerfd_settime",
    "timerfd_gettime", "inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
    "pidfd_open", "pidfd_send_signal",
    // Names and attributes of files.
    "access", "faccessat", "faccessat2", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs",
    "fstatfs", "getdents", "getdents64", "readlink", "readlinkat", "getcwd", "chdir", "fchdir",
    "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat",
    "rename", "renameat", "renameat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes",
    "utimensat", "futimesat", "umask", "setxattr", "lsetxattr", "fsetxattr", "getxattr",
    "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "removexattr",
    "lremovexattr", "fremovexattr",
    // Memory.
    "mmap", "munmap", "mremap", "mprotect", "madvise", "mincore", "msync", "brk", "mlock", "mlock2",
    "munlock", "mlockall", "munlockall", "remap_file_pages", "membarrier", "pkey_alloc",
    "pkey_free", "pkey_mprotect", "get_mempolicy", "set_mempolicy", "mbind",
    // Processes and threads; clone and clone3 are judged apart.
    "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "getpid",
    "getppid", "gettid", "getpgid", "getpgrp", "setpgid", "getsid", "setsid", "set_tid_address",
    "set_robust_list", "get_robust_list", "rseq", "futex", "arch_prctl", "prctl", "getcpu",
    "set_thread_area", "get_thread_area", "times", "getrusage", "getrlimit", "setrlimit",
    "getpriority", "ioprio_get", "sysinfo", "uname", "restart_syscall", "process_mrelease",
    // Scheduling.
    "sched_yield", "sched_getparam", "sched_getscheduler", "sched_getattr", "sched_getaffinity",
    "sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval",
    // Identity: without capabilities these only read, or change to what the process is already.
    "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "setuid",
    "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid",
    "capget", "capset",
    // A program may cage itself further.
    "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
    // Signals.
    "kill", "tkill", "tgkill", "rt_sigaction", "rt_sigprocmask", "rt_sigpending", "rt_sigreturn",
    "rt_sigsuspend", "rt_sigtimedwait", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack",
    "pause",
    // Time.
    "time", "gettimeofday", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
    "adjtimex", "clock_adjtime", "alarm", "getitimer", "setitimer", "timer_create", "timer_settime",
    "timer_gettime", "timer_getoverrun", "timer_delete",
    // Waiting for descriptors.
    "poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_wait", "epoll_pwait", "epoll_pwait2",
    // Sockets that exist already; which may be made is judged apart.
    "bind", "connect", "listen", "accept", "accept4", "getsockname", "getpeername", "sendto",
    "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "setsockopt", "getsockopt",
    "shutdown",
    // System V and POSIX objects: the IPC namespace is the sandbox's own.
    "shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget",
    "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive",
    "mq_notify", "mq_getsetattr",
    // Random numbers.
    "getrandom"};

// clone3 keeps its flags in memory, openat2 its mode, where a filter cannot look (seccomp(2)).
constexpr std::array kAbsentCalls = {"clone3", "openat2"};

// 449 futex_waitv, 450 set_mempolicy_home_node, 451 cachestat, 453 map_shadow_stack,
// 454–456 futex_wake/wait/requeue, 462 mseal, 463–466 *xattrat, 468–469 file_{get,set}attr.
// 452 fchmodat2 is judged by its mode. Not 457–458 statmount/listmount, 459–461 lsm_*, 467
// open_tree_attr.
constexpr std::array<CallRange, 4> kAllowedNewerCalls = {
    {{449, 451}, {453, 456}, {462, 466}, {468, 469}}};

}  // namespace

std::span<const char* const> allowed_calls() noexcept {
  return kAllowedCalls;
}
std::span<const char* const> absent_calls() noexcept {
  return kAbsentCalls;
}
std::span<const CallRange> allowed_newer_calls() noexcept {
  return kAllowedNewerCalls;
}

}  // namespace awf::confine
