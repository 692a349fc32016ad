// A connection between two of our programs that carries whole messages and descriptors.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf {

struct Message {
  std::string text;
  std::vector<UniqueFd> fds;  // close-on-exec
};

// One end of a unix SOCK_SEQPACKET pair (unix(7)): message borders are kept, and the end of the
// peer's process is seen as the end of the channel. Blocking, one thread.
class MessageChannel {
 public:
  static constexpr std::size_t kMaxText = 65536;
  static constexpr std::size_t kMaxFds = 16;

  explicit MessageChannel(UniqueFd socket) noexcept : socket_(std::move(socket)) {}

  // Both ends close-on-exec.
  static std::pair<MessageChannel, MessageChannel> make_pair();

  // Throws SystemFailure (EPIPE when the peer is gone). Borrows the descriptors.
  void send(std::string_view text, const std::vector<int>& fds = {}) const;

  // The next message, or nothing when the peer has closed. Throws SystemFailure; ETIMEDOUT when
  // nothing came within `limit`.
  [[nodiscard]] std::optional<Message> receive(
      std::optional<std::chrono::milliseconds> limit = std::nullopt) const;

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] UniqueFd take() && { return std::move(socket_); }

 private:
  UniqueFd socket_;
};

}  // namespace awf
