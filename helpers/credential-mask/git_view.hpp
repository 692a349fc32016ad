// What the command sees of git's own files: configurations without credentials, and neither these
// nor hooks changeable, since git runs what they name outside the sandbox as well.
#pragma once

#include <string>
#include <vector>

#include "credential-mask/options.hpp"

namespace awf::mask {

// For every git directory at the places of `shown` (all mounts of the view are in place, /run can
// be written to): the configuration is covered by a clean copy under each path that shows it, hooks
// become read-only, and the directory, as a mount of its own, can be neither renamed nor removed.
// Reads everything back; throws Refusal when a file shows anything else, or a configuration is not
// understood and may be neither shown nor replaced.
//
// With options.allow_git_config nothing is covered; a configuration with credentials is refused.
void show_git_directories(const Options& options, const std::vector<Show>& shown);

}  // namespace awf::mask
