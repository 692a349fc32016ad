// The watched files of a workspace at one moment, and what differs between two.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace awf::workspace {

struct FileState {
  // What is compared: the content and whether it may be executed; of package.json the scripts
  // alone; where a link leads; of a large file size, times and inode.
  std::string essence;
  std::string_view run_by;
};

struct Snapshot {
  std::map<std::string, FileState> files;  // by path below the workspace
  bool complete = true;                    // false: more than the bounds allow
};

// Of the directory `top`, whose path is `directory`. Reads at most 4096 files and 8 MiB and follows
// no link. What "git worktree add" leaves, a link to the repository's own directory and back, is
// left out.
Snapshot take_snapshot(int top, const std::string& directory);

struct Change {
  std::string path;
  std::string_view what;  // "added", "changed", "removed"
  std::string_view run_by;
  bool undone = false;
};

// In the order of the paths.
std::vector<Change> changes_between(const Snapshot& before, const Snapshot& after);

}  // namespace awf::workspace
