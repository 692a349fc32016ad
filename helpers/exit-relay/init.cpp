#include "exit-relay/init.hpp"

#include <poll.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "common/unique_fd.hpp"
#include "exit-relay/descriptors.hpp"
#include "exit-relay/process_view.hpp"
#include "exit-relay/protocol.hpp"
#include "exit-relay/signals.hpp"

namespace awf::exit_relay {
namespace {

// The command's side of the fork. It holds all of the chain's capabilities for awf-confine, so it
// must not run before PID 1 has given up its own and can no longer be attacked from inside.
[[noreturn]] void become_command(const std::vector<std::string>& command, const sigset_t& mask,
                                 int gate) {
  const int code = run_main("awf-exit-relay", [&]() -> int {
    // The leader of a session leads a process group too, so that kill(-pid) reaches the command and
    // its jobs from now on.
    check(::setsid(), "making a session for the command");
    char opened = 0;
    ssize_t got = -1;
    do {
      got = ::read(gate, &opened, 1);
    } while (got < 0 && errno == EINTR);
    verify(got == 1, "the sandbox is ready for its command");
    check(::sigprocmask(SIG_SETMASK, &mask, nullptr), "restoring the signal mask");
    exec_program(command);
  });
  ::_exit(code);
}

// Hides what the environment held at start from /proc/1/environ: the pages lie where the kernel
// put them, and nothing in us reads them again.
void wipe_environment() {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    ::explicit_bzero(*entry, std::strlen(*entry));
  }
  check(::clearenv(), "emptying the environment");
}

// The status of the command when it has ended; reaps it and every orphan that has ended with it.
std::optional<int> reap(pid_t command) {
  std::optional<int> ended;
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid == 0) return ended;
    if (pid < 0 && errno == ECHILD) return ended;
    if (pid < 0 && errno == EINTR) continue;
    check(pid, "reaping");
    if (pid == command) ended = status;
  }
}

// The whole process group: what a terminal would do to the command and its foreground jobs.
void forward(pid_t command, int number) {
  if (::kill(-command, number) < 0 && errno != ESRCH) {
    throw_system_failure("signalling the command", errno);
  }
}

int serve(const MessageChannel& channel, int child_signals, pid_t command) {
  std::array<pollfd, 2> waited{{{child_signals, POLLIN, 0}, {channel.fd(), POLLIN, 0}}};
  for (;;) {
    const int ready = ::poll(waited.data(), waited.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for an event");
    if (waited[0].revents != 0) {
      // Signals of one kind merge while they wait, so that one may stand for many ends.
      (void)take_signal(child_signals);
      if (const auto status = reap(command)) {
        channel.send(status_message(*status));
        return 0;
      }
    }
    if (waited[1].revents != 0) {
      const auto message = channel.receive();
      if (!message) return exit_code::kRefused;
      forward(command, parse_signal(message->text).or_refuse());
    }
  }
}

}  // namespace

int run_init(const MessageChannel& channel, const std::vector<std::string>& command,
             const sigset_t& command_mask) {
  verify(::getpid() == 1, "we are the first process of a new PID namespace");
  // The kernel must end the sandbox with the outer half, even when that is killed.
  check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "asking for a parent-death signal");
  const UniqueFd child_signals = leave_only_child_signals();
  enter_process_view();

  Pipe gate = make_pipe();
  const pid_t child = check(::fork(), "forking the command");
  if (child == 0) {
    gate.write_end.reset();
    become_command(command, command_mask, gate.read_end.get());
  }
  close_descriptors_except({channel.fd(), child_signals.get(), gate.write_end.get()});
  wipe_environment();
  lock_down_service({std::nullopt, std::nullopt, {CAP_KILL}});
  int death_signal = 0;
  check(::prctl(PR_GET_PDEATHSIG, &death_signal), "reading the parent-death signal");
  verify(death_signal == SIGKILL, "the sandbox ends with the outer half");

  const auto go = channel.receive();
  if (!go) return exit_code::kRefused;
  verify(go->text == kGo, "the outer half is locked down");
  write_all(gate.write_end.get(), "1", "the command's gate");
  gate.write_end.reset();
  return serve(channel, child_signals.get(), child);
}

}  // namespace awf::exit_relay
