// Which signals are whose, and their masks across fork and exec.
#pragma once

#include <csignal>

#include "common/unique_fd.hpp"

namespace awf::exit_relay {

// Blocks the signals that the outer half forwards, and SIGCHLD with its default action, so that
// every child of ours leaves a status (an inherited SIG_IGN would reap it unseen, waitpid(2)).
// Returns the mask that the command must get back.
sigset_t block_signals();

// Readable when a signal is there that the outer half forwards: what a terminal, a job runner or an
// administrator sends. One thread only.
UniqueFd open_forwarded_signals();

// In PID 1: removes all handlers (a sanitizer's runtime has some), leaves SIGCHLD alone blocked,
// and readable at the returned descriptor. The kernel drops signals that come from inside the
// namespace as long as PID 1 has no handler for them and does not block them (pid_namespaces(7); a
// blocked signal is queued even for PID 1).
UniqueFd leave_only_child_signals();

// The next signal that is waiting at one of these descriptors.
int take_signal(int fd);

}  // namespace awf::exit_relay
