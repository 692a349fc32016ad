// ~/.ssh without keys, now and later.
#pragma once

#include <string>
#include <vector>

#include "credential-mask/hidden_paths.hpp"

namespace awf::mask {

// A key is known by its name or content, so one that the host makes later could not be told in
// advance. Therefore the command's ~/.ssh is not the host's but a copy: all that is not among
// `hidden` (sorted, without nested ones) and is a small regular file, link or directory. Makes it
// as `name` in the directory `at`.
void copy_ssh_directory(const std::string& source, int at, const std::string& name,
                        const std::vector<HiddenPath>& hidden);

}  // namespace awf::mask
