// Clients that have gone without waiting for their answer, found by looking at their sockets.
#pragma once

#include "egress-proxy/socket_diag.hpp"
#include "net/client_presence.hpp"
#include "net/limits.hpp"

namespace awf::egress {

// Only for clients in the network namespace that `diag`, which is borrowed, looks into: elsewhere
// every client that has ended its data would seem to have left.
class ClientProbe final : public net::ClientPresence {
 public:
  explicit ClientProbe(SocketDiag& diag,
                       std::chrono::milliseconds check_interval = net::kClientCheckInterval)
      : ClientPresence(check_interval), diag_(diag) {}

  [[nodiscard]] bool has_left(net::tcp::socket& client) override;

 private:
  SocketDiag& diag_;
};

}  // namespace awf::egress
