#include "workspace/redirection.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "workspace/tree.hpp"

namespace awf::workspace {
namespace {

constexpr std::string_view kName = "commondir";

bool remove_from(const UniqueFd& parent) {
  if (!parent) return false;
  struct stat status {};
  // A directory that its owner may not write would keep what was planted in it.
  if (::fstat(parent.get(), &status) != 0) return false;
  const bool is_closed = status.st_uid == ::geteuid() && (status.st_mode & S_IRWXU) != S_IRWXU;
  const mode_t open_mode = (status.st_mode & 07777U) | S_IRWXU;
  if (is_closed && ::fchmodat(parent.get(), ".", open_mode, 0) != 0) return false;
  return ::unlinkat(parent.get(), kName.data(), 0) == 0;
}

}  // namespace

bool is_redirection(std::string_view path) noexcept {
  const auto slash = path.rfind('/');
  return slash != std::string_view::npos && path.substr(slash + 1) == kName &&
         path.find(".git/worktrees/") == std::string_view::npos &&
         (path.substr(0, slash).ends_with(".git") ||
          path.find(".git/modules/") != std::string_view::npos);
}

void remove_redirections(int top, std::vector<Change>& changes) {
  for (auto& change : changes) {
    if (change.what != "added" || !is_redirection(change.path)) continue;
    change.undone = remove_from(open_place(top, change.path.substr(0, change.path.rfind('/'))));
  }
}

}  // namespace awf::workspace
