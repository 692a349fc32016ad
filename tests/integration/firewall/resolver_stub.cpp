#include "resolver_stub.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "common/check.hpp"
#include "sender.hpp"

namespace awf::tests {
namespace {

constexpr int kPatience = 5000;  // milliseconds

}  // namespace

std::string answer_query(int fd, const std::function<std::string(const std::string&)>& answer) {
  pollfd waited{fd, POLLIN, 0};
  verify(::poll(&waited, 1, kPatience) == 1, "a query arrived");
  std::array<char, 512> query{};
  alignas(cmsghdr) std::array<char, 256> control{};
  sockaddr_storage from{};
  iovec data{query.data(), query.size()};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto got = check(::recvmsg(fd, &message, 0), "receiving a query");
  sockaddr_storage asked{};
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  verify(c != nullptr, "the destination of a query is known");
  if (c->cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(c), sizeof info);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr = info.ipi_addr;
    std::memcpy(&asked, &name, sizeof name);
    info.ipi_spec_dst = info.ipi_addr;
    info.ipi_ifindex = 0;
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(c), sizeof info);
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = info.ipi6_addr;
    std::memcpy(&asked, &name, sizeof name);
    info.ipi6_ifindex = 0;
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
  }
  std::string reply = answer({query.data(), static_cast<std::size_t>(got)});
  data = {reply.data(), reply.size()};
  message.msg_controllen = CMSG_SPACE(c->cmsg_len - CMSG_LEN(0));
  check(::sendmsg(fd, &message, 0), "answering a query");
  return text_of(asked);
}

}  // namespace awf::tests
