#include "credential-mask/listening_sockets.hpp"

#include "common/text.hpp"

namespace awf::mask {

std::vector<std::string> parse_socket_paths(std::string_view net_unix) {
  std::vector<std::string> paths;
  for (const auto line : split(net_unix, '\n')) {
    // "Num RefCount Protocol Flags Type St Inode Path": only a path has a slash, and it is the rest
    // of the line, white space included.
    const auto slash = line.find(" /");
    if (slash != std::string_view::npos) paths.emplace_back(line.substr(slash + 1));
  }
  return paths;
}

}  // namespace awf::mask
