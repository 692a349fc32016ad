// Which path lies below which. Pure text: both absolute and normal, without a slash at the end.
#pragma once

#include <string>

namespace awf::supervisor {

inline bool is_at_or_below(const std::string& path, const std::string& directory) {
  return path == directory || directory == "/" ||
         (path.size() > directory.size() && path.compare(0, directory.size(), directory) == 0 &&
          path[directory.size()] == '/');
}

}  // namespace awf::supervisor
