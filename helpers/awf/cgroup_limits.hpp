// What a cgroup of a run is to enforce, and what it tells afterwards.
#pragma once

#include <cstdint>
#include <optional>

namespace awf::supervisor {

// The outer half of awf-exit-relay and PID 1, which live beside the command's own processes.
inline constexpr std::uint64_t kOwnProcesses = 2;

struct CgroupLimits {
  std::optional<std::uint64_t> memory;     // bytes, swap included
  std::optional<std::uint64_t> processes;  // and threads, of the whole run

  [[nodiscard]] bool any() const noexcept { return memory || processes; }
};

struct CgroupEvents {
  std::uint64_t killed_for_memory = 0;  // processes
  std::uint64_t refused_forks = 0;
};

}  // namespace awf::supervisor
