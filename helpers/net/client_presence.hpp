// Is anybody still there at the other end of a connection?
#pragma once

#include <chrono>

#include "net/asio.hpp"

namespace awf::net {

// The end of data is all that TCP tells, whether the client has closed its connection or only its
// sending half, and wants the answer. Who can look at the client's own socket knows more.
class ClientPresence {
 public:
  explicit ClientPresence(std::chrono::milliseconds check_interval) noexcept
      : check_interval_(check_interval) {}
  virtual ~ClientPresence() = default;
  ClientPresence(const ClientPresence&) = delete;
  ClientPresence& operator=(const ClientPresence&) = delete;

  // Has the client ended its data, and does no process hold its socket any more? False when that
  // is not certain.
  [[nodiscard]] virtual bool has_left(tcp::socket& client) = 0;

  // How often to ask while a client that may have left is served.
  [[nodiscard]] std::chrono::milliseconds check_interval() const noexcept {
    return check_interval_;
  }

 private:
  std::chrono::milliseconds check_interval_;
};

}  // namespace awf::net
