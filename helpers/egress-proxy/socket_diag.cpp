#include "egress-proxy/socket_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace awf::egress {
namespace {

using policy::IpAddress;

// Answers to earlier questions that were not read, at most.
constexpr int kMostAnswersRead = 4;

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

template <std::size_t kWords>
void put_address(__be32 (&words)[kWords], const IpAddress& address) {
  if (address.family() == IpAddress::Family::kV4) {
    const auto bytes = address.v4_bytes();
    std::memcpy(static_cast<void*>(words), bytes.data(), bytes.size());
  } else {
    std::memcpy(static_cast<void*>(words), address.bytes().data(), address.bytes().size());
  }
}

Question question_about(const ClientFlow& flow, std::uint32_t sequence) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.header.nlmsg_seq = sequence;
  auto& request = question.request;
  request.sdiag_family = flow.source.family() == IpAddress::Family::kV4 ? std::uint8_t{AF_INET}
                                                                        : std::uint8_t{AF_INET6};
  request.sdiag_protocol = flow.tcp ? std::uint8_t{IPPROTO_TCP} : std::uint8_t{IPPROTO_UDP};
  request.idiag_states = ~0U;
  // For UDP the kernel has the ends the other way round, "for historical reasons" (udp_diag.c).
  auto& id = request.id;
  put_address(flow.tcp ? id.idiag_src : id.idiag_dst, flow.source);
  put_address(flow.tcp ? id.idiag_dst : id.idiag_src, flow.destination);
  (flow.tcp ? id.idiag_sport : id.idiag_dport) = htons(flow.source_port);
  (flow.tcp ? id.idiag_dport : id.idiag_sport) = htons(flow.destination_port);
  std::fill(std::begin(id.idiag_cookie), std::end(id.idiag_cookie), INET_DIAG_NOCOOKIE);
  return question;
}

// Where no connection is found the kernel looks for a listener, and a client is none.
bool is_client(const inet_diag_msg& socket, const ClientFlow& flow) {
  return socket.idiag_state != TCP_LISTEN && socket.id.idiag_sport == htons(flow.source_port);
}

// The refusal that means: there is no such socket.
bool is_not_found(const nlmsghdr& header, const char* answer, std::size_t size) {
  nlmsgerr refusal{};
  if (header.nlmsg_type != NLMSG_ERROR || size < sizeof header + sizeof refusal) return false;
  std::memcpy(&refusal, answer + sizeof header, sizeof refusal);
  return refusal.error == -ENOENT;
}

}  // namespace

SocketDiag::Found SocketDiag::look_for(const ClientFlow& flow, inet_diag_msg& socket) {
  const Question question = question_about(flow, ++sequence_);
  if (::send(netlink_.get(), &question, sizeof question, MSG_DONTWAIT) < 0) return Found::kUnknown;
  for (int i = 0; i < kMostAnswersRead; ++i) {
    alignas(nlmsghdr) std::array<char, 1024> answer{};
    const ssize_t got = ::recv(netlink_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
    if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return Found::kUnknown;
    const auto size = static_cast<std::size_t>(got);
    nlmsghdr header{};
    std::memcpy(&header, answer.data(), sizeof header);
    if (header.nlmsg_seq != sequence_) continue;
    if (is_not_found(header, answer.data(), size)) return Found::kNone;
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || size < sizeof header + sizeof socket) {
      return Found::kUnknown;
    }
    std::memcpy(&socket, answer.data() + sizeof header, sizeof socket);
    return is_client(socket, flow) ? Found::kSocket : Found::kNone;
  }
  return Found::kUnknown;
}

std::optional<std::uint32_t> SocketDiag::inode_of(const ClientFlow& flow) {
  inet_diag_msg socket{};
  if (look_for(flow, socket) != Found::kSocket || socket.idiag_inode == 0) return std::nullopt;
  return socket.idiag_inode;
}

// A socket that was closed lives on without an inode until the other side has closed, too.
bool SocketDiag::is_abandoned(const ClientFlow& flow) {
  inet_diag_msg socket{};
  const Found found = look_for(flow, socket);
  return found == Found::kNone || (found == Found::kSocket && socket.idiag_inode == 0);
}

}  // namespace awf::egress
