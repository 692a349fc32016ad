// Limits on what the command may take of the machine: memory, processes, the size of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "awf/cgroup_limits.hpp"
#include "awf/identity.hpp"

namespace awf::supervisor {

struct Options;

struct ResourceLimits {
  std::optional<std::uint64_t> memory;  // bytes
  std::uint64_t processes = 0;          // and threads, of the command
  bool processes_asked = false;         // by an option; otherwise it is the default
  // In a user namespace of the run's own, RLIMIT_NPROC counts the run alone (Linux 5.14); no
  // cgroup is needed for it then. It does not bind root, nor who shares a user with others.
  bool processes_by_rlimit = false;
  std::optional<std::uint64_t> file_size;  // the caller's own limit (ulimit -f), for the command

  // What a cgroup has to enforce; nothing when none is needed.
  [[nodiscard]] CgroupLimits for_cgroup() const;
};

// Throws Refusal for a value that cannot be meant.
ResourceLimits judged_resource_limits(const Options& options, const Identity& identity);

// "--memory-limit 64M": how the limit is named to people. Precondition: there is one.
std::string shown_memory(const ResourceLimits& limits);

// One line for people: which limits hold.
std::string describe_limits(const ResourceLimits& limits);

// Ours and our children's files may be larger than the caller's limit for files where that can be
// had, and a write beyond it is an error (EFBIG) instead of the death of the writer, who then says
// so. Returns the caller's limit, if there was any, for awf-confine to set again.
std::optional<std::uint64_t> lift_file_size_limit();

}  // namespace awf::supervisor
