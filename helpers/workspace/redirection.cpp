#include "workspace/redirection.hpp"

#include <unistd.h>

#include <string>

#include "workspace/tree.hpp"

namespace awf::workspace {
namespace {

constexpr std::string_view kName = "commondir";

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
    const auto parent = open_directory(top, change.path.substr(0, change.path.rfind('/')));
    change.undone = parent && ::unlinkat(parent.get(), kName.data(), 0) == 0;
  }
}

}  // namespace awf::workspace
