// Which process of the sandbox holds a socket: for the audit's field "process".
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/unique_fd.hpp"

namespace awf::supervisor {

struct FoundProcess {
  unsigned pid = 0;  // as the sandbox numbers it
  std::string name;  // its comm: at most 15 bytes of its own choice
};

// Looks through the /proc that the sandbox sees, which shows its processes alone. What it says is
// for people: processes choose their names and pass sockets on, so nothing is decided by it. Of
// several holders it is the one with the highest number. Arguments and environment are never read.
class ProcessFinder {
 public:
  // `chain`: the chain's first process, whose child is the sandbox's PID 1.
  // `time_limit` bounds one look: the supervisor relays signals between two.
  explicit ProcessFinder(pid_t chain, std::chrono::milliseconds time_limit = kTimeLimit) noexcept
      : chain_(chain), time_limit_(time_limit) {}

  // Nothing when no process holds it (any more), when there is no sandbox yet, when the machine
  // does not let us look, or when it takes too long. Never throws for any of these.
  std::optional<FoundProcess> holder_of_socket(std::uint64_t inode);

 private:
  static constexpr std::chrono::milliseconds kTimeLimit{10};

  bool open_process_view();

  pid_t chain_;
  std::chrono::milliseconds time_limit_;
  UniqueFd proc_;
};

}  // namespace awf::supervisor
