#include "firewall/netlink.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

#include "common/check.hpp"

namespace awf::firewall {
namespace {

// netlink(7) advises 8192; an answer to our requests and dumps of one interface is far smaller.
constexpr std::size_t kAnswerBytes = 16384;

constexpr std::size_t aligned(std::size_t size) {
  constexpr std::size_t kAlign = NLMSG_ALIGNTO;  // attributes align alike
  return (size + kAlign - 1) / kAlign * kAlign;
}

// Takes the first message off `bytes`; nothing when no whole one is left. The macros of
// netlink(3) do the same with casts and without a type for "the rest".
std::optional<NetlinkMessage> next_message(std::span<const std::byte>& bytes) {
  nlmsghdr header{};
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) return std::nullopt;
  const auto payload = bytes.subspan(sizeof header, header.nlmsg_len - sizeof header);
  bytes = bytes.subspan(std::min(aligned(header.nlmsg_len), bytes.size()));
  return NetlinkMessage{header.nlmsg_type, payload};
}

// Throws what an NLMSG_ERROR message says; an acknowledgement says 0.
void check_error(const NetlinkMessage& message, std::string_view doing) {
  const int error = message.fixed<nlmsgerr>().error;
  if (error != 0) throw_system_failure(doing, -error);
}

}  // namespace

void NetlinkRequest::start(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  append(&header, sizeof header);
}

void NetlinkRequest::append(const void* data, std::size_t size) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + aligned(size));
  std::memcpy(&bytes_[at], data, size);
}

void NetlinkRequest::add_attribute(std::uint16_t type, const void* data, std::size_t size) {
  const nlattr header{static_cast<std::uint16_t>(sizeof header + size), type};
  append(&header, sizeof header);
  append(data, size);
}

std::span<const std::byte> NetlinkRequest::bytes() {
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(&bytes_[offsetof(nlmsghdr, nlmsg_len)], &length, sizeof length);
  return bytes_;
}

std::span<const std::byte> NetlinkMessage::attribute(std::size_t fixed_size,
                                                     std::uint16_t wanted) const {
  auto rest = payload.subspan(std::min(aligned(fixed_size), payload.size()));
  nlattr header{};
  while (rest.size() >= sizeof header) {
    std::memcpy(&header, rest.data(), sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > rest.size()) break;
    if (header.nla_type == wanted) {
      return rest.subspan(sizeof header, header.nla_len - sizeof header);
    }
    rest = rest.subspan(std::min(aligned(header.nla_len), rest.size()));
  }
  return {};
}

NetlinkSocket::NetlinkSocket(int protocol)
    : socket_(check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol),
                    "opening a netlink socket")) {
  // Bound before it is handed to another process: an unbound socket is bound by its first send.
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  check(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own),
        "binding a netlink socket");
}

void NetlinkSocket::send(NetlinkRequest& request, std::string_view doing) const {
  const auto bytes = request.bytes();
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto* to = reinterpret_cast<const sockaddr*>(&kernel);
  check(::sendto(socket_.get(), bytes.data(), bytes.size(), 0, to, sizeof kernel), doing);
}

void NetlinkSocket::transact(NetlinkRequest request, std::string_view doing) const {
  send(request, doing);
  std::array<std::byte, kAnswerBytes> answer{};
  for (;;) {
    const auto got = check(::recv(socket_.get(), answer.data(), answer.size(), 0), doing);
    auto bytes = std::span<const std::byte>(answer).first(static_cast<std::size_t>(got));
    const auto message = next_message(bytes);
    if (!message) throw_system_failure(doing, EPROTO);
    // A packet log that is bound already may report before it acknowledges the next request.
    if (message->type != NLMSG_ERROR) continue;
    check_error(*message, doing);
    return;
  }
}

void NetlinkSocket::dump(NetlinkRequest request, std::string_view doing,
                         const std::function<void(const NetlinkMessage&)>& take) const {
  send(request, doing);
  std::array<std::byte, kAnswerBytes> answer{};
  for (;;) {
    const auto got = check(::recv(socket_.get(), answer.data(), answer.size(), MSG_TRUNC), doing);
    const auto size = static_cast<std::size_t>(got);
    if (size == 0 || size > answer.size()) throw_system_failure(doing, EMSGSIZE);
    auto bytes = std::span<const std::byte>(answer).first(size);
    while (const auto message = next_message(bytes)) {
      if (message->type == NLMSG_DONE) return;
      if (message->type == NLMSG_ERROR) check_error(*message, doing);
      take(*message);
    }
  }
}

}  // namespace awf::firewall
