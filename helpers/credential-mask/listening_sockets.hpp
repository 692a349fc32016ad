// The unix sockets on which servers of the host listen. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace awf::mask {

// The absolute paths of proc(5), /proc/PID/net/unix. Left out: sockets without a name, those with
// an abstract one, which another network namespace cannot reach, and those bound to a relative
// path, of which nobody knows the directory.
std::vector<std::string> parse_socket_paths(std::string_view net_unix);

}  // namespace awf::mask
