// The cgroups of one run: made, limited, filled, emptied, removed.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "awf/cgroup_layout.hpp"
#include "awf/cgroup_limits.hpp"
#include "common/unique_fd.hpp"

namespace awf::supervisor {

// One directory of cgroupfs (v2) or one a controller (v1), named awf-PID-RANDOM. While this object
// lives the directories are locked (flock(2)), so that another run does not take them for
// leftovers. Not thread-safe. Destroying it leaves the directories as they are: remove() is the
// end.
class RunCgroup {
 public:
  // Removes what runs that were killed left empty in the same places, makes the directories, sets
  // the limits and reads them back. Throws Refusal with the reason and the remedy.
  static RunCgroup make(const CgroupLayout& layout, const CgroupLimits& limits);

  // The process and its later children. Throws SystemFailure.
  void place(pid_t process) const;

  // Is the process in all of them?
  [[nodiscard]] bool holds(pid_t process) const;

  [[nodiscard]] CgroupEvents events() const;

  // Kills what is in them, waits for its end and removes them. False when something does not end
  // within a minute (a process that the kernel holds in an uninterruptible wait); then they stay.
  bool remove();

 private:
  struct Part {
    std::string directory;
    UniqueFd lock;  // the directory, locked
    bool unified;
    bool memory;
    bool processes;
  };

  void make_part(const std::string& parent, bool unified, const CgroupLimits& limits);
  void kill_all() const;
  bool remove_parts();

  std::vector<Part> parts_;
};

// The directory of the v2 hierarchy that can hold a run's cgroup: the nearest one, from ours
// upwards, that hands these controllers ("memory", "pids") down to its children. The top is asked
// to when it does not yet; any other that has processes in it may not (cgroups(7), "no internal
// processes"). Throws Refusal.
std::string find_unified_parent(const CgroupLayout::Unified& unified,
                                const std::vector<std::string>& controllers);

// Removes the empty cgroups in `parent` whose run is gone. What it may not touch it leaves.
void reclaim_stale(const std::string& parent);

}  // namespace awf::supervisor
