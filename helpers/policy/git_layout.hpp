// Where repositories and submodules are looked for: the view of them and the report on them must
// look at the same places. Source: gitrepository-layout(5).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace awf::policy {

// A checkout below the workspace ("path: tools/x" of actions/checkout) lies this deep.
inline constexpr int kRepositorySearchDepth = 2;
// "modules/libs/foo/modules/bar": a name of a submodule may have slashes.
inline constexpr int kModuleSearchDepth = 8;

// Directories that a git directory has of its own and that hold no submodules.
inline bool is_part_of_git_directory(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 7> kParts{"objects", "refs", "logs",     "hooks",
                                                   "info",    "lfs",  "worktrees"};
  return std::find(kParts.begin(), kParts.end(), name) != kParts.end();
}

}  // namespace awf::policy
