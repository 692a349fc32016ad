#include "workspace/snapshot.hpp"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "policy/git_layout.hpp"
#include "workspace/tree.hpp"
#include "workspace/watched_files.hpp"

namespace awf::workspace {
namespace {

constexpr std::size_t kMostFiles = 4096;
constexpr std::size_t kMostBytes = 8UL << 20U;
constexpr std::size_t kMostBytesOfFile = 256UL << 10U;
constexpr std::size_t kMostEntries = 4096;  // of one directory
constexpr int kMostDepth = 8;
constexpr std::size_t kMostRepositoriesSearched = 2048;
constexpr std::size_t kMostModulesSearched = 4096;
// No package.json of people nests like this, and to write JSON takes a stack as deep as it is.
constexpr int kMostDepthOfJson = 64;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// As the parser would see it: brackets in strings are none.
bool is_nested_deeply(std::string_view json) noexcept {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      if (++depth > kMostDepthOfJson) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

bool is_directory_entry(const Entry& entry) {
  return entry.kind == Kind::kDirectory;
}

// git's examples, which it does not run. There may be any number.
bool is_no_sample(const Entry& entry) {
  return entry.kind == Kind::kDirectory || !ends_with(entry.name, ".sample");
}

// The rest of it changes with every "npm install" and runs nothing by itself.
std::string scripts_of_package(const std::string& text) {
  if (is_nested_deeply(text)) return text;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return text;
  const auto scripts = json.find("scripts");
  return scripts == json.end() ? std::string() : scripts->dump();
}

class Taker {
 public:
  Taker(int top, std::string directory) : top_(top), directory_(std::move(directory)) {}

  Snapshot take() && {
    for (const auto& watched : kWatchedPaths) {
      const std::string path(watched.path);
      watched.is_tree ? add_tree(path, watched.run_by, kMostDepth) : add_file(path, watched.run_by);
    }
    add_repositories("", policy::kRepositorySearchDepth);
    return std::move(snapshot_);
  }

 private:
  void add_repositories(const std::string& directory, int depth) {
    add_git(below(directory, ".git"));
    if (depth == 0) return;
    for (const auto& entry : listed(open_directory(top_, directory), is_directory_entry)) {
      if (entry.name == ".git" || entry.name == "node_modules") continue;
      if (++searched_ > kMostRepositoriesSearched) return incomplete();
      add_repositories(below(directory, entry.name), depth - 1);
    }
  }

  // A file named .git says where the git directory is.
  void add_git(const std::string& path) {
    if (!may_exist(top_, path)) return;
    if (!is_directory(top_, path)) {
      if (!is_link_to_worktree(path)) add_file(path, "git");
      return;
    }
    add_git_directory(path);
    add_modules(below(path, "modules"), policy::kModuleSearchDepth);
    for (const auto& worktree : directories_in(below(path, "worktrees"))) {
      add_git_directory(worktree);
      const auto common = snapshot_.files.find(below(worktree, "commondir"));
      if (common != snapshot_.files.end() && common->second.essence == "file ../..\n") {
        snapshot_.files.erase(common);
      }
    }
  }

  // To a directory of a repository in this workspace, which is looked at itself.
  [[nodiscard]] bool is_link_to_worktree(const std::string& path) const {
    const auto file = open_file(top_, path);
    const std::string content = file ? head_of(*file, kMostBytesOfFile) : std::string();
    const std::string start = "gitdir: " + directory_ + "/.git/worktrees/";
    return content.rfind(start, 0) == 0 && content.find('/', start.size()) == std::string::npos &&
           content.find("..", start.size()) == std::string::npos;
  }

  void add_git_directory(const std::string& path) {
    for (const auto name : kGitFiles)
      add_file(below(path, std::string(name)), "git");
    add_tree(below(path, std::string(kGitHooks)), "git", 2);
  }

  // By any of its parts: what is missing can be put there later, outside.
  [[nodiscard]] bool is_git_directory(const std::string& path) const {
    return may_exist(top_, below(path, "HEAD")) || open_file(top_, below(path, "config")) ||
           is_directory(top_, below(path, "objects"));
  }

  // Looks into git directories too: one "HEAD" at the side of a submodule must not hide it.
  void add_modules(const std::string& path, int depth, bool in_git_directory = false) {
    for (const auto& directory : directories_in(path)) {
      if (++modules_searched_ > kMostModulesSearched) return incomplete();
      const bool is_git = is_git_directory(directory);
      if (is_git) add_git_directory(directory);
      const auto name = std::string_view(directory).substr(path.size() + 1);
      if (in_git_directory && policy::is_part_of_git_directory(name)) continue;
      if (depth == 0) return incomplete();
      add_modules(directory, depth - 1, is_git);
    }
  }

  std::vector<std::string> directories_in(const std::string& path) {
    std::vector<std::string> directories;
    const auto directory = open_directory(top_, path);
    if (!directory && errno == EACCES) incomplete();
    for (const auto& entry : listed(directory, is_directory_entry))
      directories.push_back(below(path, entry.name));
    return directories;
  }

  std::vector<Entry> listed(const UniqueFd& directory, bool (*wanted)(const Entry&)) {
    auto listing = entries_of(directory, kMostEntries, wanted);
    if (!listing.complete) incomplete();
    return std::move(listing.entries);
  }

  void add_tree(const std::string& path, std::string_view run_by, int depth) {
    const UniqueFd directory = open_directory(top_, path);
    if (!directory && errno == EACCES) return incomplete();
    if (!directory) return add_file(path, run_by);  // a link in its place, say
    if (depth == 0) return incomplete();
    for (const auto& entry : listed(directory, is_no_sample)) {
      const auto inner = below(path, entry.name);
      if (entry.kind == Kind::kDirectory) {
        add_tree(inner, run_by, depth - 1);
      } else {
        add_file(inner, run_by);
      }
    }
  }

  void add_file(const std::string& path, std::string_view run_by) {
    if (snapshot_.files.size() >= kMostFiles) return incomplete();
    if (const auto target = link_target(top_, path)) {
      snapshot_.files[path] = {"link to " + *target, run_by};
      return;
    }
    const auto file = open_file(top_, path);
    if (!file) return;
    const bool executable = (file->status.st_mode & 0111U) != 0;
    snapshot_.files[path] = {(executable ? "program " : "file ") + essence_of(*file, path), run_by};
  }

  std::string essence_of(const File& file, const std::string& path) {
    const auto size = static_cast<std::size_t>(file.status.st_size);
    if (size > kMostBytesOfFile || bytes_ + size > kMostBytes) {
      // The inode's change time cannot be set by anybody (utimensat(2)).
      const auto& changed = file.status.st_ctim;
      return std::to_string(size) + " bytes " + std::to_string(file.status.st_ino) + " " +
             std::to_string(changed.tv_sec) + "." + std::to_string(changed.tv_nsec);
    }
    std::string content = head_of(file, kMostBytesOfFile);
    bytes_ += content.size();
    const bool is_package = path == "package.json" || ends_with(path, "/package.json");
    return is_package ? scripts_of_package(content) : content;
  }

  void incomplete() noexcept { snapshot_.complete = false; }

  int top_;
  std::string directory_;
  Snapshot snapshot_;
  std::size_t bytes_ = 0;
  std::size_t searched_ = 0;
  std::size_t modules_searched_ = 0;
};

}  // namespace

Snapshot take_snapshot(int top, const std::string& directory) {
  return Taker(top, directory).take();
}

std::vector<Change> changes_between(const Snapshot& before, const Snapshot& after) {
  std::vector<Change> changes;
  for (const auto& [path, state] : after.files) {
    const auto known = before.files.find(path);
    if (known == before.files.end()) {
      changes.push_back({path, "added", state.run_by});
    } else if (known->second.essence != state.essence) {
      changes.push_back({path, "changed", state.run_by});
    }
  }
  for (const auto& [path, state] : before.files) {
    if (after.files.count(path) == 0) changes.push_back({path, "removed", state.run_by});
  }
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.path < b.path; });
  return changes;
}

}  // namespace awf::workspace
