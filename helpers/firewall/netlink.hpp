// Netlink requests (netlink(7)): as much as two programs' worth of messages needs.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::firewall {

// One message under construction: header, a fixed struct, then attributes.
class NetlinkRequest {
 public:
  template <typename Fixed>
  NetlinkRequest(std::uint16_t type, std::uint16_t flags, const Fixed& fixed) {
    static_assert(std::is_trivially_copyable_v<Fixed>);
    start(type, flags);
    append(&fixed, sizeof fixed);
  }

  template <typename Value>
  NetlinkRequest& attribute(std::uint16_t type, const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    add_attribute(type, &value, sizeof value);
    return *this;
  }

  // The finished message.
  [[nodiscard]] std::span<const std::byte> bytes();

 private:
  void start(std::uint16_t type, std::uint16_t flags);
  void append(const void* data, std::size_t size);
  void add_attribute(std::uint16_t type, const void* data, std::size_t size);

  std::vector<std::byte> bytes_;
};

// One message of an answer.
struct NetlinkMessage {
  std::uint16_t type = 0;
  std::span<const std::byte> payload;  // fixed struct and attributes; lives as long as the call

  // The struct at the start of the payload; zeroes when it is too short.
  template <typename Fixed>
  [[nodiscard]] Fixed fixed() const {
    static_assert(std::is_trivially_copyable_v<Fixed>);
    Fixed value{};
    if (payload.size() >= sizeof value) std::memcpy(&value, payload.data(), sizeof value);
    return value;
  }

  // The value of an attribute that follows a fixed struct of `fixed_size` bytes; empty when there
  // is none.
  [[nodiscard]] std::span<const std::byte> attribute(std::size_t fixed_size,
                                                     std::uint16_t wanted) const;
};

// A netlink socket of the caller's network namespace, for requests and their answers.
class NetlinkSocket {
 public:
  explicit NetlinkSocket(int protocol);  // NETLINK_ROUTE, NETLINK_NETFILTER

  // Sends a request and waits for the kernel's word. Throws SystemFailure with its errno.
  void transact(NetlinkRequest request, std::string_view doing) const;

  // Sends a NLM_F_DUMP request and hands each answer to `take`.
  void dump(NetlinkRequest request, std::string_view doing,
            const std::function<void(const NetlinkMessage&)>& take) const;

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] UniqueFd take() && { return std::move(socket_); }

 private:
  void send(NetlinkRequest& request, std::string_view doing) const;

  UniqueFd socket_;
};

}  // namespace awf::firewall
