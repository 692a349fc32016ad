#include "exit-relay/init_process.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "common/check.hpp"

namespace awf::exit_relay {

InitProcess::InitProcess(pid_t pid, MessageChannel channel)
    : pid_(pid), channel_(std::move(channel)) {
  pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
  check(pidfd_.get(), "opening a pidfd");
}

InitProcess::InitProcess(InitProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      channel_(std::move(other.channel_)),
      status_(other.status_) {}

InitProcess::~InitProcess() {
  if (pid_ < 0 || status_) return;
  // Neither call can be answered here with anything better than going on: our own end, which comes
  // next, ends PID 1 too by its parent-death signal.
  (void)::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0U);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void InitProcess::tell(std::string_view message) const {
  try {
    channel_.send(message);
  } catch (const SystemFailure& failure) {
    if (failure.error_number() != EPIPE) throw;
  }
}

void InitProcess::kill() const {
  const auto rc = ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0U);
  if (rc < 0 && errno != ESRCH) throw_system_failure("killing PID 1 of the sandbox", errno);
}

int InitProcess::wait() {
  while (!status_) {
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, 0);
    if (reaped < 0 && errno == EINTR) continue;
    check(reaped, "waiting for PID 1 of the sandbox");
    status_ = status;
  }
  return *status_;
}

}  // namespace awf::exit_relay
