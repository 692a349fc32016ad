// The signals that awf relays to the command, as a descriptor.
#pragma once

#include "common/unique_fd.hpp"

namespace awf::supervisor {

// While it lives, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGWINCH are blocked and
// arrive here instead (signalfd(2)). Child::spawn gives children an empty mask.
class SignalSource {
 public:
  SignalSource();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  // The number of the next signal. Precondition: fd() is readable.
  [[nodiscard]] int next() const;

 private:
  UniqueFd fd_;
};

}  // namespace awf::supervisor
