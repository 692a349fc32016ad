// Where this process stands in the machine's cgroup hierarchies. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace awf::supervisor {

// Directories of cgroupfs, as this process sees them. A hierarchy that is not mounted, or of which
// only a part is that does not hold us, is left out.
struct CgroupLayout {
  struct Unified {
    std::string top;  // the highest directory that is to be seen
    std::string own;  // ours: top or below it
  };
  std::optional<Unified> unified;             // v2
  std::map<std::string, std::string> legacy;  // v1: controller → our directory
};

// From the text of /proc/self/mountinfo and /proc/self/cgroup (cgroups(7)).
CgroupLayout parse_cgroup_layout(std::string_view mountinfo, std::string_view own);

}  // namespace awf::supervisor
