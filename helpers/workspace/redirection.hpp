// The one change that is undone.
#pragma once

#include <string_view>
#include <vector>

#include "workspace/snapshot.hpp"

namespace awf::workspace {

// A "commondir" in a repository's own directory makes git take configuration and hooks from
// elsewhere (gitrepository-layout(5)), and so would undo that these could not be changed. git makes
// it in the directories of worktrees alone, and what does not exist cannot be covered beforehand.
bool is_redirection(std::string_view path) noexcept;

// Removes those that were added, below `top`, and marks their changes.
void remove_redirections(int top, std::vector<Change>& changes);

}  // namespace awf::workspace
