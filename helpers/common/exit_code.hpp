// The exit codes of AWF's programs. One table; README.md repeats it for users.
#pragma once

#include <sys/wait.h>

namespace awf::exit_code {

inline constexpr int kTimeLimit = 124;  // --agent-timeout ended the command (as timeout(1))
inline constexpr int kRefused = 125;    // AWF refused or failed; nothing was run or the cage broke
inline constexpr int kNotExecutable = 126;  // found, but execve refused it (as shells)
inline constexpr int kNotFound = 127;       // no such command (as shells)

// The shell's view of a wait status: the exit code, or 128 + the signal that ended the process.
// Source: waitpid(2). `wait_status` must describe a process that ended.
inline int from_wait_status(int wait_status) noexcept {
  if (WIFSIGNALED(wait_status)) return 128 + WTERMSIG(wait_status);
  return WEXITSTATUS(wait_status);
}

}  // namespace awf::exit_code
