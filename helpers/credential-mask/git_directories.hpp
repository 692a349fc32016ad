// Where the git directories of a shown place lie. Looks, changes nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace awf::mask {

struct GitDirectories {
  // Those that hold (or may hold) a configuration and hooks: the repositories', their submodules'
  // and their worktrees' private ones with a configuration. Canonical, sorted, each once.
  std::vector<std::string> directories;
  // Files named ".git" that name such a directory.
  std::vector<std::string> links;
  // Directories between a repository's and its submodules': who renames one moves them.
  std::vector<std::string> between;
};

// Repositories at `place`, two levels below it and in the directories above it (git looks there
// too). Throws Refusal when there are more than `kMostGitDirectories`: what is not looked at would
// show its credentials.
inline constexpr std::size_t kMostGitDirectories = 256;
void find_git_directories(const std::string& place, GitDirectories& found);

}  // namespace awf::mask
