#include "awf/signals.hpp"

#include <signal.h>
#include <sys/signalfd.h>

#include <array>

#include "common/check.hpp"

namespace awf::supervisor {

SignalSource::SignalSource() {
  sigset_t relayed;
  sigemptyset(&relayed);
  constexpr std::array<int, 7> kRelayed = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                           SIGUSR1, SIGUSR2, SIGWINCH};
  for (const int number : kRelayed)
    sigaddset(&relayed, number);
  check(::sigprocmask(SIG_BLOCK, &relayed, nullptr), "blocking signals");
  fd_.reset(check(::signalfd(-1, &relayed, SFD_CLOEXEC), "making a signal descriptor"));
}

int SignalSource::next() const {
  signalfd_siginfo info{};
  const ssize_t got = check(::read(fd_.get(), &info, sizeof info), "reading a signal");
  verify(got == static_cast<ssize_t>(sizeof info), "a signal arrived whole");
  return static_cast<int>(info.ssi_signo);
}

}  // namespace awf::supervisor
