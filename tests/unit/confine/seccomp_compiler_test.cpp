// The command's filter, interpreted: every answer below is what the kernel would give.
#include "confine/seccomp_compiler.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <string>
#include <vector>

#include "confine/command_filter.hpp"
#include "confine/seccomp_table.hpp"
#include "seccomp_fixture.hpp"

namespace awf::confine {
namespace {

INSTANTIATE_TEST_SUITE_P(Abis, SeccompFilter, both_abis(), abi_name);

TEST_P(SeccompFilter, everyday_calls_are_allowed_with_any_argument) {
  for (const char* call : {"read", "write", "statx", "execve", "mmap", "futex", "exit_group",
                           "wait4", "connect", "sendmsg", "epoll_pwait", "readlinkat", "getrandom",
                           "rt_sigaction", "seccomp", "memfd_create", "mkdirat", "rseq"}) {
    EXPECT_EQ(answer(call), kAllow) << call;
    EXPECT_EQ(answer(call, {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}), kAllow) << call;
  }
}

TEST_P(SeccompFilter, NET_08_raw_packet_and_xdp_sockets_are_refused) {
  constexpr std::uint64_t kRaw = SOCK_RAW;
  for (const std::uint64_t family : Words{AF_INET, AF_INET6}) {
    for (std::uint64_t type = 0; type < 16; ++type) {
      if (type == SOCK_STREAM || type == SOCK_DGRAM) continue;
      EXPECT_EQ(answer("socket", {family, type, 0}), refused(EPERM)) << family << ' ' << type;
    }
    EXPECT_EQ(answer("socket", {family, kRaw | SOCK_CLOEXEC, 255}), refused(EPERM));
    EXPECT_EQ(answer("socket", {family, kGarbage | kRaw, 1}), refused(EPERM));
    for (const std::uint64_t protocol : Words{1, 33, 58, 132, 136, 255, 256}) {
      EXPECT_EQ(answer("socket", {family, SOCK_DGRAM, protocol}), refused(EPERM)) << protocol;
      EXPECT_EQ(answer("socket", {family, SOCK_STREAM, protocol}), refused(EPERM)) << protocol;
    }
  }
  EXPECT_EQ(answer("socket", {AF_PACKET, SOCK_RAW, 0x0300}), refused(EAFNOSUPPORT));
  EXPECT_EQ(answer("socket", {AF_PACKET, SOCK_DGRAM, 0x0300}), refused(EAFNOSUPPORT));
  EXPECT_EQ(answer("socket", {kGarbage | AF_PACKET, SOCK_RAW, 0x0300}), refused(EAFNOSUPPORT));
  EXPECT_EQ(answer("socket", {AF_XDP, SOCK_RAW, 0}), refused(EAFNOSUPPORT));
}

TEST_P(SeccompFilter, tcp_and_udp_sockets_are_allowed_whatever_their_flags) {
  for (const std::uint64_t family : Words{AF_INET, AF_INET6}) {
    for (const std::uint64_t flags :
         Words{0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_CLOEXEC | SOCK_NONBLOCK}) {
      EXPECT_EQ(answer("socket", {family, SOCK_STREAM | flags, 0}), kAllow);
      EXPECT_EQ(answer("socket", {family, SOCK_STREAM | flags, 6}), kAllow);
      EXPECT_EQ(answer("socket", {family, SOCK_STREAM | flags, 262}), kAllow);
      EXPECT_EQ(answer("socket", {family, SOCK_DGRAM | flags, 0}), kAllow);
      EXPECT_EQ(answer("socket", {family, SOCK_DGRAM | flags, 17}), kAllow);
      EXPECT_EQ(answer("socket", {kGarbage | family, kGarbage | SOCK_DGRAM, kGarbage}), kAllow);
    }
  }
  EXPECT_EQ(answer("socket", {AF_UNIX, SOCK_SEQPACKET, 0}), kAllow);
  EXPECT_EQ(answer("socketpair", {AF_UNIX, SOCK_STREAM, 0}), kAllow);
}

TEST_P(SeccompFilter, NET_12_other_families_and_netlink_protocols_are_refused) {
  for (std::uint64_t family = 0; family < 256; ++family) {
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK) {
      continue;
    }
    EXPECT_EQ(answer("socket", {family, SOCK_STREAM, 0}), refused(EAFNOSUPPORT)) << family;
    EXPECT_EQ(answer("socket", {family, SOCK_RAW, 0}), refused(EAFNOSUPPORT)) << family;
    EXPECT_EQ(answer("socketpair", {family, SOCK_STREAM, 0}), refused(EPERM)) << family;
  }
  EXPECT_EQ(answer("socket", {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}), kAllow);
  for (std::uint64_t protocol = 1; protocol < 64; ++protocol) {
    EXPECT_EQ(answer("socket", {AF_NETLINK, SOCK_RAW, protocol}), refused(EPERM)) << protocol;
  }
}

TEST_P(SeccompFilter, NET_11_PROC_09_io_uring_and_kernel_machinery_are_refused) {
  expect_refused({"io_uring_setup",
                  "io_uring_enter",
                  "io_uring_register",
                  "bpf",
                  "perf_event_open",
                  "userfaultfd",
                  "keyctl",
                  "add_key",
                  "request_key",
                  "kexec_load",
                  "kexec_file_load",
                  "init_module",
                  "finit_module",
                  "delete_module",
                  "modify_ldt",
                  "iopl",
                  "ioperm",
                  "syslog",
                  "acct",
                  "swapon",
                  "swapoff",
                  "reboot",
                  "quotactl",
                  "quotactl_fd",
                  "fanotify_init",
                  "lookup_dcookie",
                  "settimeofday",
                  "clock_settime",
                  "sethostname",
                  "setdomainname",
                  "uselib",
                  "vhangup"});
}

TEST_P(SeccompFilter, PROC_02_other_processes_cannot_be_looked_into) {
  expect_refused({"process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise",
                  "move_pages", "migrate_pages"});
}

TEST_P(SeccompFilter, PROC_07_namespaces_and_mounts_are_refused) {
  expect_refused({"unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount",
                  "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
                  "open_by_handle_at", "name_to_handle_at"});
  for (const std::uint64_t flag : Words{CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                        CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET}) {
    EXPECT_EQ(answer("clone", {flag}), refused(EPERM)) << flag;
    EXPECT_EQ(answer("clone", {flag | SIGCHLD}), refused(EPERM)) << flag;
    EXPECT_EQ(answer("clone", {kGarbage | flag | CLONE_VM | SIGCHLD}), refused(EPERM)) << flag;
  }
}

TEST_P(SeccompFilter, processes_and_threads_are_allowed_and_clone3_looks_absent) {
  constexpr std::uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                    CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                                    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  EXPECT_EQ(answer("clone", {SIGCHLD}), kAllow);
  EXPECT_EQ(answer("clone", {kThread}), kAllow);
  EXPECT_EQ(answer("clone", {CLONE_VM | CLONE_VFORK | SIGCHLD}), kAllow);
  EXPECT_EQ(answer("clone3"), refused(ENOSYS));
}

TEST_P(SeccompFilter, typing_into_terminals_is_refused_with_any_upper_half) {
  for (const std::uint64_t command : Words{TIOCSTI, TIOCLINUX, TIOCSETD}) {
    EXPECT_EQ(answer("ioctl", {0, command}), refused(EPERM));
    EXPECT_EQ(answer("ioctl", {0, kGarbage | command}), refused(EPERM));  // CVE-2019-7303
    EXPECT_EQ(answer("ioctl", {0, command + 1}), kAllow);
  }
  EXPECT_EQ(answer("ioctl", {0, TIOCGWINSZ}), kAllow);
  EXPECT_EQ(answer("ioctl", {0, FIONBIO}), kAllow);
}

TEST_P(SeccompFilter, only_harmless_personalities_are_allowed) {
  EXPECT_EQ(answer("personality", {0}), kAllow);
  EXPECT_EQ(answer("personality", {ADDR_NO_RANDOMIZE}), kAllow);
  EXPECT_EQ(answer("personality", {0xffffffff}), kAllow);
  EXPECT_EQ(answer("personality", {ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC}), refused(EPERM));
  EXPECT_EQ(answer("personality", {READ_IMPLIES_EXEC}), refused(EPERM));
  EXPECT_EQ(answer("personality", {kGarbage | PER_LINUX32}), refused(EPERM));
}

TEST_P(SeccompFilter, calls_newer_than_the_table_look_absent) {
  for (const std::uint32_t number :
       {457U, 458U, 459U, 460U, 461U, 467U, 470U, 471U, 500U, 100000U}) {
    EXPECT_EQ(answer_to(GetParam().token, number), refused(ENOSYS)) << number;
  }
  for (const std::uint32_t number : {449U, 450U, 451U, 453U, 456U, 462U, 466U, 468U, 469U}) {
    EXPECT_EQ(answer_to(GetParam().token, number), kAllow) << number;
  }
  EXPECT_EQ(answer_to(GetParam().token, kFirstNewerCall - 1),
            answer("process_mrelease"));  // 448: still by name
}

TEST_P(SeccompFilter, foreign_abis_are_killed) {
  for (const std::uint32_t token : {std::uint32_t{AUDIT_ARCH_I386}, std::uint32_t{AUDIT_ARCH_ARM},
                                    std::uint32_t{AUDIT_ARCH_RISCV64}, 0U}) {
    for (const std::uint32_t number : {0U, 1U, 4U, 11U, 54U, 102U, 359U, 425U, 500U}) {
      EXPECT_EQ(answer_to(token, number), kKill) << token << ' ' << number;
    }
  }
}

TEST(SeccompFilterX32, x32_numbers_are_killed) {
  const auto program = compile_filter(SCMP_ARCH_X86_64);
  for (const int number : {0, 1, 59, 425, 520, 545, 547}) {
    seccomp_data data{};
    data.arch = AUDIT_ARCH_X86_64;
    data.nr = 0x40000000 | number;
    EXPECT_EQ(tests::BpfInterpreter(program).run(data), kKill) << number;
  }
}

TEST(CommandFilter, is_what_the_compiler_gives_for_this_machine) {
  const auto built = command_filter();
  const auto compiled = compile_filter(::seccomp_arch_native());
  ASSERT_EQ(built.size(), compiled.size());
  EXPECT_TRUE(std::equal(built.begin(), built.end(), compiled.begin(), [](auto a, auto b) {
    return a.code == b.code && a.jt == b.jt && a.jf == b.jf && a.k == b.k;
  }));
}

TEST(SeccompTable, every_name_is_known_to_libseccomp_and_stands_once) {
  std::vector<std::string> names(allowed_calls().begin(), allowed_calls().end());
  names.insert(names.end(), absent_calls().begin(), absent_calls().end());
  for (const auto& name : names) {
    EXPECT_NE(::seccomp_syscall_resolve_name(name.c_str()), __NR_SCMP_ERROR) << name;
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
}

}  // namespace
}  // namespace awf::confine
