// Connected TCP pairs on 127.0.0.1 and descriptor counts.
#pragma once

#include <dirent.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "net/asio.hpp"

namespace awf::net::testing {

struct Pair {
  tcp::socket first;
  tcp::socket second;
};

// Two connected sockets, each on the given loop.
inline Pair tcp_pair(asio::io_context& first, asio::io_context& second) {
  tcp::acceptor acceptor(second, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  Pair pair{tcp::socket(first), tcp::socket(second)};
  pair.first.connect(acceptor.local_endpoint());
  acceptor.accept(pair.second);
  return pair;
}

// Open pipe ends of this process.
inline std::size_t count_pipe_ends() {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/fd"), &closedir);
  std::size_t count = 0;
  while (const dirent* entry = readdir(directory.get())) {
    std::array<char, 64> target{};
    const auto path = std::string("/proc/self/fd/") + entry->d_name;
    const ssize_t size = readlink(path.c_str(), target.data(), target.size());
    if (size > 5 && std::string_view(target.data(), 5) == "pipe:") ++count;
  }
  return count;
}

}  // namespace awf::net::testing
