// What hostile code in the cage would try. Each attack prints one line a try, "NAME: OUTCOME",
// where the outcome is the name of an errno or "DONE"; the tests say which outcomes are right. Exit
// 0.
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "escapes.hpp"

namespace {

void report(const std::string& name, long rc) {
  std::cout << name << ": " << (rc < 0 ? ::strerrorname_np(errno) : "DONE") << std::endl;
}

void try_sockets() {
  constexpr int kIcmp = 1;
  report("raw4", ::socket(AF_INET, SOCK_RAW, 255));
  report("raw6", ::socket(AF_INET6, SOCK_RAW, 58));
  report("ping", ::socket(AF_INET, SOCK_DGRAM, kIcmp));
  report("dgram-raw", ::socket(AF_INET, SOCK_DGRAM, 255));
  report("sctp", ::socket(AF_INET, SOCK_STREAM, 132));
  report("packet", ::socket(AF_PACKET, SOCK_RAW, 0x0300));
  report("xdp", ::socket(AF_XDP, SOCK_RAW, 0));
  report("vsock", ::socket(AF_VSOCK, SOCK_STREAM, 0));
  report("bluetooth", ::socket(AF_BLUETOOTH, SOCK_RAW, 1));
  report("alg", ::socket(AF_ALG, SOCK_SEQPACKET, 0));
  report("netfilter", ::socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
  report("audit", ::socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT));
  report("tcp", ::socket(AF_INET, SOCK_STREAM, 0));
  report("udp", ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  report("unix", ::socket(AF_UNIX, SOCK_STREAM, 0));
  report("route", ::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

void try_escapes() {
  for (const auto& escape : awf::tests::escapes()) {
    report(escape.name, escape.attempt());
  }
}

// The harmless sides of what the filter judges by argument: these must work.
void use_what_is_allowed() {
  const std::string file = "/tmp/allowed-XXXXXX";
  std::string name = file;
  const int fd = ::mkstemp(name.data());
  report("open", fd);
  report("chmod", ::chmod(name.c_str(), 01755));
  report("mode-without-creating", ::syscall(SYS_openat, AT_FDCWD, name.c_str(), O_RDONLY, 04755));
  report("unlink", ::unlink(name.c_str()));
  rlimit limit{};
  report("prlimit", ::prlimit(::getpid(), RLIMIT_NOFILE, nullptr, &limit));
  report("nice", ::setpriority(PRIO_PROCESS, 0, 1));
  report("no-random-addresses", ::personality(ADDR_NO_RANDOMIZE));
  const pid_t child = ::fork();
  if (child == 0) {
    (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    (void)::raise(SIGSTOP);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  report("own-child", ::ptrace(PTRACE_PEEKUSER, child, nullptr, nullptr) < 0 ? -1 : 0);
  ::kill(child, SIGKILL);
}

void try_ids() {
  report("setuid", ::setresuid(0, 0, 0));
  report("setgid", ::setresgid(0, 0, 0));
  report("setgroups", ::syscall(SYS_setgroups, 0, nullptr));
  report("core", [] {
    const rlimit wanted{1, 1};
    return ::setrlimit(RLIMIT_CORE, &wanted);
  }());
  report("ambient", ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 5L, 0L, 0L));
  report("privileges-again", ::prctl(PR_SET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L));
  report("oom-score", ::open("/proc/1/oom_score_adj", O_WRONLY | O_CLOEXEC));
}

// What PID 1 must not care about. Real-time signals too: a handler is what it must not have.
void try_signals_to_init() {
  int delivered = 0;
  for (int number = 1; number < _NSIG; ++number) {
    if (::kill(1, number) == 0) ++delivered;
  }
  std::cout << "signals sent: " << delivered << std::endl;
}

void try_init_files() {
  for (const char* file : {"environ", "mem", "maps", "fd", "root", "cwd", "exe", "cmdline"}) {
    const std::string path = std::string("/proc/1/") + file;
    report(file, ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
}

// No attack: a process that does nothing about signals. A shell would not do, since it looks at how
// its child ended before it dies of SIGINT itself.
void wait_for_signals() {
  std::cout << "ready" << std::endl;
  for (;;) {
    ::pause();
  }
}

// No attack either: says which signal reached it and a job of its, and exits with 9. Not a shell,
// because bash forgets a SIGINT when its child ends otherwise at that moment.
void catch_signals() {
  sigset_t set;
  sigfillset(&set);
  sigdelset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const pid_t job = ::fork();
  if (job != 0) std::cout << "ready" << std::endl;
  int number = 0;
  sigwait(&set, &number);
  if (job != 0) ::waitpid(job, nullptr, 0);
  std::cout << (job == 0 ? "job" : "command") << " caught " << number << std::endl;
  ::_exit(9);
}

#ifdef __x86_64__
// The i386 entry of the kernel has other numbers: 20 is getpid there. Must be the last attack.
void try_i386() {
  long rc = 20;
  asm volatile("int $0x80" : "+a"(rc) : : "memory");
  std::cout << "i386: " << rc << std::endl;
}

void try_x32() {
  report("x32", ::syscall(0x40000000 | SYS_getpid));
}
#endif

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<void()>> attacks = {
      {"sockets", try_sockets},
      {"escapes", try_escapes},
      {"allowed", use_what_is_allowed},
      {"ids", try_ids},
      {"signals-to-init", try_signals_to_init},
      {"init-files", try_init_files},
      {"wait", wait_for_signals},
      {"catch", catch_signals},
#ifdef __x86_64__
      {"i386", try_i386},
      {"x32", try_x32},
#endif
  };
  const auto chosen = attacks.find(argc == 2 ? argv[1] : "");
  if (chosen == attacks.end()) return 2;
  chosen->second();
  // Past the end of main, a sanitizer would look for leaks by the very means that are refused here.
  ::_exit(0);
}
