#include "common/message_channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "common/check.hpp"

namespace awf {
namespace {

constexpr std::size_t kControlSpace = CMSG_SPACE(sizeof(int) * MessageChannel::kMaxFds);

std::vector<UniqueFd> take_fds(msghdr& header) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::vector<int> raw(count);
    std::memcpy(raw.data(), CMSG_DATA(c), count * sizeof(int));
    for (const int fd : raw)
      fds.emplace_back(fd);
  }
  return fds;
}

void wait_readable(int fd, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waited{fd, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (ready > 0) return;
    if (ready == 0) throw_system_failure("waiting for a message", ETIMEDOUT);
    if (errno != EINTR) throw_system_failure("waiting for a message", errno);
  }
}

}  // namespace

std::pair<MessageChannel, MessageChannel> MessageChannel::make_pair() {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()),
        "making a message channel");
  return {MessageChannel(UniqueFd(ends[0])), MessageChannel(UniqueFd(ends[1]))};
}

void MessageChannel::send(std::string_view text, const std::vector<int>& fds) const {
  verify(text.size() <= kMaxText && fds.size() <= kMaxFds, "a message fits its channel");
  std::string owned(text);
  iovec data{owned.data(), owned.size()};
  alignas(cmsghdr) std::array<char, kControlSpace> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(c), fds.data(), sizeof(int) * fds.size());
  }
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  check(sent, "sending a message");
}

std::optional<Message> MessageChannel::receive(
    std::optional<std::chrono::milliseconds> limit) const {
  if (limit) wait_readable(socket_.get(), *limit);
  Message message;
  message.text.resize(kMaxText);
  iovec data{message.text.data(), message.text.size()};
  alignas(cmsghdr) std::array<char, kControlSpace> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = -1;
  do {
    got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  // A peer that died with unread messages of ours shows as ECONNRESET, otherwise as 0 bytes.
  if (got < 0 && errno == ECONNRESET) return std::nullopt;
  check(got, "receiving a message");
  message.fds = take_fds(header);
  if (got == 0 && message.fds.empty()) return std::nullopt;
  verify((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0, "a message arrived whole");
  message.text.resize(static_cast<std::size_t>(got));
  return message;
}

}  // namespace awf
