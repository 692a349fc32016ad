// Starting a program and owning the process: by pidfd, never by a number that may be reused.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf {

struct SpawnPlan {
  std::string program;            // absolute path; argv[0] is argv.front()
  std::vector<std::string> argv;  // not empty
  std::vector<std::string> environment;
  // {number in the child, descriptor here}: dup2'ed in this order; numbers ≥ 3 may be any. Every
  // descriptor that is not named and not 0, 1, 2 is closed in the child.
  std::vector<std::pair<int, int>> fds = {};
  bool new_session = false;      // setsid(2)
  bool dies_with_parent = true;  // PR_SET_PDEATHSIG SIGKILL
};

// A child process. Destroying a Child that has not ended kills and reaps it.
class Child {
 public:
  // Returns when execve has succeeded; otherwise throws SystemFailure with execve's reason.
  static Child spawn(const SpawnPlan& plan);

  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // Readable when the process has ended (pidfd_open(2), Linux 5.3).
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }

  // pidfd_send_signal(2); no error when it has ended already.
  void signal(int number) const;

  // The wait status of waitpid(2): blocks until the process ends; remembered afterwards.
  int wait();
  // As wait, but nothing after `limit`.
  std::optional<int> wait_for(std::chrono::milliseconds limit);

 private:
  Child(pid_t pid, UniqueFd pidfd) noexcept : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid_;
  UniqueFd pidfd_;
  std::optional<int> status_;
};

// execve(2) with the current environment and all descriptors that are not close-on-exec. Returns
// only by throwing SystemFailure. `program` without a slash is looked up in PATH.
[[noreturn]] void exec_program(const std::vector<std::string>& argv);

// A NULL-terminated array of borrowed pointers for execve(2).
std::vector<char*> as_c_array(const std::vector<std::string>& strings);

}  // namespace awf
