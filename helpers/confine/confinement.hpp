// The recipe that takes all authority from the process that becomes the command.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace awf::confine {

struct Confinement {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::vector<int> keep_fds;
  // Standard input is a terminal that was made for this command: it becomes the controlling one.
  bool terminal = false;
  // Soft and hard; a lower hard limit stays.
  std::optional<std::uint64_t> process_limit;
  std::optional<std::uint64_t> file_size_limit;
};

// Carries out every step in the only order that works and proves each. Throws Refusal or
// SystemFailure; the process is then half confined and must end without running anything.
// One thread only. Needs /proc. Without CAP_SETPCAP (run by hand by an ordinary user) the bounding
// set and the securebits stay as they are, and no_new_privs is what bars the way back.
void confine_self(const Confinement& wanted);

}  // namespace awf::confine
