#include "sender.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "common/check.hpp"

namespace awf::tests {
namespace {

constexpr int kPatience = 900;  // milliseconds: NET-06 asks for less than a second

std::string name_part(const sockaddr_storage& name, bool port) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  const int rc =
      ::getnameinfo(reinterpret_cast<const sockaddr*>(&name), sizeof name, host.data(), host.size(),
                    service.data(), service.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  verify(rc == 0, "an address can be printed");
  return port ? service.data() : host.data();
}

UniqueFd open_bound(int type, const Name& to, const std::string& source) {
  UniqueFd fd(check(::socket(to.family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "a socket"));
  if (!source.empty()) {
    const Name from = name_of(source, 0);
    check(::bind(fd.get(), from.get(), from.size), "binding to " + source);
  }
  return fd;
}

}  // namespace

std::string error_name(int error) {
  const char* name = ::strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

Name name_of(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  verify(rc == 0, address + " is an address");
  Name name;
  std::memcpy(&name.storage, found->ai_addr, found->ai_addrlen);
  name.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return name;
}

std::string text_of(const sockaddr_storage& name) {
  const auto host = name_part(name, false);
  const bool v6 = name.ss_family == AF_INET6;
  return (v6 ? "[" + host + "]" : host) + ":" + name_part(name, true);
}

std::string connect_tcp(const std::string& address, std::uint16_t port, const std::string& source) {
  const Name to = name_of(address, port);
  const UniqueFd fd = open_bound(SOCK_STREAM, to, source);
  int error = ::connect(fd.get(), to.get(), to.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waited{fd.get(), POLLOUT, 0};
    if (::poll(&waited, 1, kPatience) == 0) return "slow";
    socklen_t size = sizeof error;
    check(::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size), "reading an outcome");
  }
  return error == 0 ? "connected" : error_name(error);
}

std::string send_udp(const std::string& address, std::uint16_t port, const std::string& source) {
  const Name to = name_of(address, port);
  const UniqueFd fd = open_bound(SOCK_DGRAM, to, source);
  const int on = 1;
  check(::setsockopt(fd.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on), "allowing broadcast");
  if (::sendto(fd.get(), "x", 1, 0, to.get(), to.size) < 0) return error_name(errno);
  return "sent";
}

std::string ask_udp(const std::string& address, std::uint16_t port) {
  const Name to = name_of(address, port);
  const UniqueFd fd = open_bound(SOCK_DGRAM, to, "");
  if (::connect(fd.get(), to.get(), to.size) < 0) return error_name(errno);
  if (::send(fd.get(), "question", 8, 0) < 0) return error_name(errno);
  pollfd waited{fd.get(), POLLIN, 0};
  if (::poll(&waited, 1, kPatience) == 0) return "silence";
  std::array<char, 512> answer{};
  const auto got = ::recv(fd.get(), answer.data(), answer.size(), 0);
  if (got < 0) return error_name(errno);
  return {answer.data(), static_cast<std::size_t>(got)};
}

}  // namespace awf::tests
