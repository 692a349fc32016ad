// PID 1 of the sandbox's PID namespace.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "common/message_channel.hpp"

namespace awf::exit_relay {

// Prepares the process view, forks the command, locks itself down, waits for kGo, lets the command
// run, reaps everybody, obeys "signal N", and returns (0) after "status W" was sent. Returning ends
// the process, and with PID 1 the kernel kills all others of the namespace (pid_namespaces(7)).
// Throws when anything is not as promised; the command has then not been run, unless the failure is
// of the loop itself.
//
// `channel` goes to the outer half; its end means that the outer half is gone: returns 125 at once.
// `command_mask` is the signal mask that the command gets.
int run_init(const MessageChannel& channel, const std::vector<std::string>& command,
             const sigset_t& command_mask);

}  // namespace awf::exit_relay
