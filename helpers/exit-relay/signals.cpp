#include "exit-relay/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

#include "common/check.hpp"

namespace awf::exit_relay {
namespace {

constexpr std::array kForwarded = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};

sigset_t forwarded_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kForwarded) {
    sigaddset(&set, number);
  }
  return set;
}

sigset_t child_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return set;
}

// What is ignored stays so: the command inherits it, and a nohup outside is meant for it.
void remove_handlers() {
  for (int number = 1; number < _NSIG; ++number) {
    struct sigaction now {};
    // Two signals below SIGRTMIN are libc's own and hidden by it (nptl(7)).
    if (::sigaction(number, nullptr, &now) < 0) continue;
    if (now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN) continue;
    check(std::signal(number, SIG_DFL) == SIG_ERR ? -1 : 0, "removing a signal handler");
  }
}

UniqueFd open_signals(const sigset_t& set) {
  return UniqueFd(check(::signalfd(-1, &set, SFD_CLOEXEC), "opening a signalfd"));
}

}  // namespace

sigset_t block_signals() {
  check(std::signal(SIGCHLD, SIG_DFL) == SIG_ERR ? -1 : 0, "resetting SIGCHLD");
  sigset_t set = forwarded_set();
  sigaddset(&set, SIGCHLD);
  sigset_t before;
  check(::sigprocmask(SIG_BLOCK, &set, &before), "blocking signals");
  return before;
}

UniqueFd open_forwarded_signals() {
  return open_signals(forwarded_set());
}

UniqueFd leave_only_child_signals() {
  remove_handlers();
  const sigset_t set = child_set();
  check(::sigprocmask(SIG_SETMASK, &set, nullptr), "leaving only SIGCHLD blocked");
  return open_signals(set);
}

int take_signal(int fd) {
  signalfd_siginfo info{};
  const ssize_t got = check(::read(fd, &info, sizeof info), "reading a signal");
  verify(got == static_cast<ssize_t>(sizeof info), "a signal arrived whole");
  return static_cast<int>(info.ssi_signo);
}

}  // namespace awf::exit_relay
