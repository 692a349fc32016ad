// Other names of hidden files.
#pragma once

#include <string>
#include <vector>

#include "credential-mask/hidden_paths.hpp"

namespace awf::mask {

// A file with several names is hidden under all of them, or not at all. Adds the names that are
// found in the directories `tops` to `hidden`, as in_homes if they lie in one of
// `homes_with_views`, and returns hidden files of which further names lie elsewhere. Nothing is
// searched unless the kernel counts more names of a hidden file than are hidden, and then only
// until all are found or a bound on the work is reached.
std::vector<std::string> hide_hard_links(HiddenPaths& hidden, const std::vector<std::string>& tops,
                                         const std::vector<std::string>& homes_with_views);

}  // namespace awf::mask
