// A resolver on the sandbox's DNS sockets.
#pragma once

#include <functional>
#include <string>

namespace awf::tests {

// Receives one query, waiting for it, and sends what `answer` makes of it from the address that was
// asked. Returns that address: "8.8.8.8:0".
std::string answer_query(int fd, const std::function<std::string(const std::string&)>& answer);

}  // namespace awf::tests
