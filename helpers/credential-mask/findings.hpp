// What a person should know about a view, and what must not be. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "credential-mask/options.hpp"
#include "credential-mask/survey.hpp"

namespace awf::mask {

// One line each: what --mount shows though it would be hidden, where sockets are in sight, and
// hidden files that may be seen under another name.
std::vector<std::string> view_warnings(const std::vector<Show>& mounts, const Survey& survey,
                                       const std::vector<std::string>& plain);

// Places of the view, by how names in them are kept absent.
struct Cover {
  std::vector<std::string> bare;    // the host's own directories: not at all
  std::vector<std::string> veiled;  // replaced, or below a layer of whiteouts: always
};

// Would a path that does not exist yet be seen when the host makes it? The deepest place decides;
// nothing is said of a path in none.
std::optional<bool> is_seen_later(const std::string& path, const Cover& cover);

}  // namespace awf::mask
