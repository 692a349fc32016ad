// The command's system call filter as a program of the kernel's classic BPF: what the build runs to
// make command_filter.cpp, and what the unit tests interpret.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace awf::confine {

// The answers of the filter, from the table and these rules on arguments:
//   clone        without a CLONE_NEW* flag
//   socket       unix; inet and inet6 as TCP, MPTCP or UDP; netlink for routes only (what libc's
//                getifaddrs asks). Other families: EAFNOSUPPORT. Raw sockets and other protocols
//                (which make the kernel load modules): EPERM
//   socketpair   unix
//   ioctl        not TIOCSTI, TIOCLINUX (typing into a terminal), TIOCSETD (loads line disciplines)
//   personality  the default one, without random addresses, or the question which one it is
//   chmod, fchmod, fchmodat, fchmodat2, mknod, mknodat, creat, open and openat that create: not
//                with the set-user-ID or set-group-ID bit
//   ptrace, prlimit64, sched_set…, setpriority, ioprio_set: not PID 1; the last two not a user's
//   all
// Every other call that exists: EPERM. Calls newer than the table, clone3 and openat2: ENOSYS.
// A call of another ABI than `architecture`'s (i386, x32): the process is killed, because its
// numbers mean other calls.
//
// `architecture` is an SCMP_ARCH_… token whose ABI is 64-bit and little-endian.
std::vector<sock_filter> compile_filter(std::uint32_t architecture);

}  // namespace awf::confine
