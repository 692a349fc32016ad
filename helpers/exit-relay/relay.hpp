// The outer half: stays in the caller's PID namespace, out of the command's reach.
#pragma once

#include "exit-relay/options.hpp"

namespace awf::exit_relay {

// Makes the PID, IPC and UTS namespaces, forks PID 1 (init.hpp), locks itself down and relays until
// PID 1 and with it everything inside has ended. Returns the exit code: the command's own; 124 when
// the time limit ended it. Throws when PID 1 ended without a status or the supervisor is gone;
// nothing of the sandbox is left then either.
//
// Calls fork(): one thread only. Takes Options::control_fd over.
int run_relay(const Options& options);

}  // namespace awf::exit_relay
