// The command's home: the real one seen through an overlay in which credentials are absent.
#pragma once

#include <string>
#include <vector>

#include "common/unique_fd.hpp"
#include "credential-mask/hidden_paths.hpp"

namespace awf::mask {

// `paths` without those below another one, in order. Pure.
std::vector<HiddenPath> without_nested(std::vector<HiddenPath> paths);

// A detached overlay over `home`, whose changes go to memory (limit `size`) and are gone with the
// namespace. Each hidden path is a whiteout: the name is absent, also when the host makes it later,
// and no mount names it. The same for every directory on which something else is mounted below the
// home: what lies there was not looked through. ~/.ssh is a copy (ssh_directory.hpp). Must be
// called while `home` is still in sight. Throws SystemFailure where overlays over it are not
// permitted.
UniqueFd make_home_view(const std::string& home, const std::string& size,
                        std::vector<HiddenPath> hidden);

}  // namespace awf::mask
