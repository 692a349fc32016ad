// PID 1 of the sandbox as its parent holds it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <utility>

#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"

namespace awf::exit_relay {

// Owns the process: destroying it kills PID 1, and by that all processes of its namespace, and
// returns when none is left.
class InitProcess {
 public:
  // `pid` is a child that nobody has reaped.
  InitProcess(pid_t pid, MessageChannel channel);
  InitProcess(InitProcess&& other) noexcept;
  InitProcess& operator=(InitProcess&&) = delete;
  InitProcess(const InitProcess&) = delete;
  InitProcess& operator=(const InitProcess&) = delete;
  ~InitProcess();

  // Readable when PID 1 has ended.
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
  [[nodiscard]] int channel_fd() const noexcept { return channel_.fd(); }

  [[nodiscard]] std::optional<Message> receive() const { return channel_.receive(); }

  // No error when PID 1 has ended already; the caller sees that by the pidfd.
  void tell(std::string_view message) const;

  // SIGKILL; no error when it has ended already.
  void kill() const;

  // Blocks until PID 1 has ended; its wait status. PID 1 becomes waitable only after the kernel has
  // killed and reaped the rest of its namespace (zap_pid_ns_processes() in pid_namespace.c).
  int wait();

 private:
  pid_t pid_;
  UniqueFd pidfd_;
  MessageChannel channel_;
  std::optional<int> status_;
};

}  // namespace awf::exit_relay
