#include "awf/cgroup_layout.hpp"

#include <algorithm>
#include <vector>

#include "common/text.hpp"

namespace awf::supervisor {
namespace {

struct Mount {
  std::string root;  // which directory of the hierarchy is mounted
  std::string place;
  std::string options;  // of the file system: the controllers of a v1 hierarchy
  bool unified = false;
};

// proc(5): "ID PARENT MAJOR:MINOR ROOT PLACE OPTIONS [TAGS ...] - TYPE SOURCE SUPER-OPTIONS". A
// place with a space in its name is written in octal and is none that anybody mounts cgroups on.
std::vector<Mount> cgroup_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  for (const auto line : split(mountinfo, '\n')) {
    const auto words = split(line, ' ');
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 6 || words.end() - dash < 4) continue;
    if (dash[1] != "cgroup" && dash[1] != "cgroup2") continue;
    mounts.push_back(
        {std::string(words[3]), std::string(words[4]), std::string(dash[3]), dash[1] == "cgroup2"});
  }
  return mounts;
}

// Our directory below a mount; nothing when the mounted part of the hierarchy does not hold it
// (in a cgroup namespace, a cgroup outside is written with "/..").
std::optional<std::string> directory_in(const Mount& mount, const std::string& cgroup) {
  if (cgroup.find("/..") != std::string::npos || mount.root.find("/..") != std::string::npos) {
    return std::nullopt;
  }
  if (mount.root == "/") return cgroup == "/" ? mount.place : mount.place + cgroup;
  if (!is_at_or_below(cgroup, mount.root)) return std::nullopt;
  return mount.place + cgroup.substr(mount.root.size());
}

bool has_option(const Mount& mount, std::string_view wanted) {
  const auto options = split(mount.options, ',');
  return std::find(options.begin(), options.end(), wanted) != options.end();
}

void add_legacy(CgroupLayout& layout, const std::vector<Mount>& mounts,
                std::string_view controllers, const std::string& cgroup) {
  for (const auto controller : split(controllers, ',')) {
    for (const auto& mount : mounts) {
      if (mount.unified || !has_option(mount, controller)) continue;
      const auto directory = directory_in(mount, cgroup);
      if (directory) layout.legacy.emplace(controller, *directory);
    }
  }
}

}  // namespace

CgroupLayout parse_cgroup_layout(std::string_view mountinfo, std::string_view own) {
  const auto mounts = cgroup_mounts(mountinfo);
  CgroupLayout layout;
  for (const auto line : split(own, '\n')) {
    // "ID:CONTROLLERS:PATH"; the unified hierarchy is "0::PATH". The path may hold colons.
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? 0 : first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const std::string cgroup(line.substr(second + 1));
    if (!controllers.empty()) {
      add_legacy(layout, mounts, controllers, cgroup);
      continue;
    }
    for (const auto& mount : mounts) {
      if (!mount.unified || layout.unified) continue;
      if (const auto directory = directory_in(mount, cgroup)) {
        layout.unified = CgroupLayout::Unified{mount.place, *directory};
      }
    }
  }
  return layout;
}

}  // namespace awf::supervisor
