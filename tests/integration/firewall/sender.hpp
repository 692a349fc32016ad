// Ways to send something, for use inside a sandbox. Each says in one word how it ended.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "common/unique_fd.hpp"

namespace awf::tests {

struct Name {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};
// "1.2.3.4", "2001:db8::1", "fe80::1%lo".
Name name_of(const std::string& address, std::uint16_t port);
// "1.2.3.4:5", "[2001:db8::1]:5".
std::string text_of(const sockaddr_storage& name);

// "connected", or the errno of the attempt ("ECONNREFUSED"); "slow" when that took over 900 ms.
// `source` binds the socket first unless it is empty.
std::string connect_tcp(const std::string& address, std::uint16_t port,
                        const std::string& source = "");

// One datagram by sendto(2): "sent", or the errno.
std::string send_udp(const std::string& address, std::uint16_t port,
                     const std::string& source = "");

// A datagram on a connected socket, then up to 900 ms for what comes back: the datagram's text, the
// errno, or "silence".
std::string ask_udp(const std::string& address, std::uint16_t port);

// "ECONNREFUSED" and so on; "0" for 0.
std::string error_name(int error);

}  // namespace awf::tests
