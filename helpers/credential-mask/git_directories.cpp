// Sources: gitrepository-layout(5) (commondir, modules, worktrees, "gitdir: " files),
// git-worktree(1).
#include "credential-mask/git_directories.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "common/check.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "credential-mask/mount_table.hpp"
#include "policy/git_layout.hpp"

namespace fs = std::filesystem;

namespace awf::mask {
namespace {

// Keeps the start of a run in a huge tree short.
constexpr std::size_t kMostSearched = 4096;

enum class Kind { kNothing, kFile, kDirectory };

// Links are followed: git does, and the view that they lead into is the command's own.
Kind kind_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Kind::kNothing;
  if (S_ISDIR(status.st_mode)) return Kind::kDirectory;
  return S_ISREG(status.st_mode) ? Kind::kFile : Kind::kNothing;
}

std::optional<std::string> canonical(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return std::nullopt;
  return std::string(real.get());
}

// The first line of a small file, such as "gitdir: ../.git/modules/x".
std::string line_of(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  std::array<char, 4096> buffer{};
  const ssize_t got = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  if (got <= 0) return {};
  const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

std::string resolved(const std::string& base, const std::string& path) {
  return path.rfind('/', 0) == 0 ? path : join(base, path);
}

std::vector<std::string> directories_in(const std::string& path, std::size_t& left) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end && left > 0;
       entry.increment(error)) {
    --left;
    std::error_code unreadable;
    if (fs::is_directory(entry->symlink_status(unreadable))) names.push_back(entry->path());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Search {
 public:
  explicit Search(GitDirectories& found) : found_(found) {}

  void look_at(const std::string& worktree) {
    const std::string entry = join(worktree, ".git");
    const Kind kind = kind_of(entry);
    if (kind == Kind::kDirectory) {
      if (const auto real = canonical(entry)) add_repository(*real);
    } else if (kind == Kind::kFile) {
      constexpr std::string_view kPrefix = "gitdir: ";
      const auto line = line_of(entry);
      if (line.rfind(kPrefix, 0) != 0) return;
      add_once(found_.links, entry);
      const auto real = canonical(resolved(worktree, line.substr(kPrefix.size())));
      if (real && kind_of(*real) == Kind::kDirectory) add_repository(*real);
    }
  }

  void look_below(const std::string& place, int depth) {
    if (depth == 0) return;
    for (const auto& directory : directories_in(place, left_)) {
      const auto name = directory.substr(directory.rfind('/') + 1);
      if (name == ".git" || name == "node_modules") continue;
      look_at(directory);
      look_below(directory, depth - 1);
    }
  }

 private:
  bool add_once(std::vector<std::string>& list, const std::string& path) {
    const auto place = std::lower_bound(list.begin(), list.end(), path);
    if (place != list.end() && *place == path) return false;
    list.insert(place, path);
    if (found_.directories.size() > kMostGitDirectories) {
      throw Refusal("more than " + std::to_string(kMostGitDirectories) +
                    " git directories (repositories, submodules, worktrees) at " + quoted(path) +
                    "; run awf in a directory that holds fewer");
    }
    return true;
  }

  // The configuration of a worktree lies in the directory that "commondir" names.
  void add_repository(const std::string& directory) {
    if (!add_once(found_.directories, directory)) return;
    const auto common = line_of(join(directory, "commondir"));
    if (!common.empty()) {
      const auto real = canonical(resolved(directory, common));
      if (real && kind_of(*real) == Kind::kDirectory) add_repository(*real);
    }
    std::size_t left = kMostSearched;
    for (const auto& worktree : directories_in(join(directory, "worktrees"), left)) {
      // Without one there is nothing to show, and "git worktree remove" can do its work.
      const bool configured = kind_of(join(worktree, "config.worktree")) == Kind::kFile;
      if (configured) add_once(found_.directories, worktree);
    }
    if (const auto modules = join(directory, "modules"); kind_of(modules) == Kind::kDirectory) {
      (void)add_modules(modules, policy::kModuleSearchDepth);
    }
  }

  // Did the directory hold any? Looks into git directories too: a file "HEAD" at the side of a
  // submodule must not hide it.
  bool add_modules(const std::string& directory, int depth, bool in_git_directory = false) {
    bool any = false;
    std::size_t left = kMostSearched;
    for (const auto& entry : directories_in(directory, left)) {
      // By any of its parts: a command before this one may have removed the others.
      const bool is_git = kind_of(join(entry, "HEAD")) == Kind::kFile ||
                          kind_of(join(entry, "config")) == Kind::kFile ||
                          kind_of(join(entry, "objects")) == Kind::kDirectory;
      if (is_git) add_repository(entry);
      // Its own modules are looked at with a git directory.
      const auto name = entry.substr(directory.size() + 1);
      const bool is_searched =
          !in_git_directory || (name != "modules" && !policy::is_part_of_git_directory(name));
      const bool inner = depth > 0 && is_searched && add_modules(entry, depth - 1, is_git);
      any = any || is_git || inner;
    }
    if (any) add_once(found_.between, directory);
    return any;
  }

  GitDirectories& found_;
  std::size_t left_ = kMostSearched;
};

}  // namespace

void find_git_directories(const std::string& place, GitDirectories& found) {
  Search search(found);
  search.look_at(place);
  search.look_below(place, policy::kRepositorySearchDepth);
  for (auto above = place.rfind('/'); above != 0 && above != std::string::npos;
       above = place.rfind('/', above - 1)) {
    search.look_at(place.substr(0, above));
  }
}

}  // namespace awf::mask
