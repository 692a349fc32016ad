// Which socket of the sandbox is at the other end of a flow: sock_diag(7), without a capability.
#pragma once

#include <cstdint>
#include <optional>

#include "common/unique_fd.hpp"
#include "egress-proxy/audit_record.hpp"

struct inet_diag_msg;

namespace awf::egress {

class SocketDiag {
 public:
  // `netlink`: a NETLINK_SOCK_DIAG socket of the sandbox's network namespace, non-blocking.
  explicit SocketDiag(UniqueFd netlink) noexcept : netlink_(std::move(netlink)) {}

  // The inode of the client's socket. The kernel looks up this one and answers before send(2)
  // returns. Nothing when it is gone, or when the kernel does not tell.
  [[nodiscard]] std::optional<std::uint32_t> inode_of(const ClientFlow& flow);

  // Does no process hold the client's socket any more? False also when the kernel does not tell.
  [[nodiscard]] bool is_abandoned(const ClientFlow& flow);

 private:
  enum class Found : std::uint8_t { kSocket, kNone, kUnknown };
  Found look_for(const ClientFlow& flow, inet_diag_msg& socket);

  UniqueFd netlink_;
  std::uint32_t sequence_ = 0;
};

}  // namespace awf::egress
