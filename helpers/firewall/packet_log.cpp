// Bound here and not by the reader: the kernel asks for CAP_NET_ADMIN over this namespace both of
// the process that opened the socket and of the one that sends the request (netlink_net_capable),
// and the egress proxy has none. Reading takes no capability.
#include "firewall/packet_log.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <sys/socket.h>

#include "common/check.hpp"
#include "firewall/netlink.hpp"

namespace awf::firewall {
namespace {

constexpr std::uint32_t kCopiedBytes = 128;  // the headers of any packet, and some payload
constexpr int kBufferBytes = 4 << 20U;

NetlinkRequest configuration(std::uint16_t group) {
  constexpr std::uint16_t kType = (NFNL_SUBSYS_ULOG << 8U) | NFULNL_MSG_CONFIG;
  nfgenmsg header{};
  header.nfgen_family = AF_UNSPEC;
  header.version = NFNETLINK_V0;
  header.res_id = htons(group);
  return {kType, NLM_F_REQUEST | NLM_F_ACK, header};
}

// A burst of refused packets must not overrun the reader. Beyond rmem_max only for the host's
// root, socket(7); everybody else gets what rmem_max grants.
void enlarge_buffer(int fd) {
  const int size = kBufferBytes;
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return;
  check(::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size),
        "enlarging the packet log's buffer");
}

}  // namespace

UniqueFd open_packet_log(std::uint16_t group) {
  NetlinkSocket socket(NETLINK_NETFILTER);
  enlarge_buffer(socket.fd());
  NetlinkRequest bind = configuration(group);
  bind.attribute(NFULA_CFG_CMD, nfulnl_msg_config_cmd{NFULNL_CFG_CMD_BIND});
  socket.transact(bind, "binding the packet log");
  // One message a packet: a verdict is reported when it falls, not when a batch is full.
  NetlinkRequest mode = configuration(group);
  mode.attribute(NFULA_CFG_MODE, nfulnl_msg_config_mode{htonl(kCopiedBytes), NFULNL_COPY_PACKET, 0})
      .attribute(NFULA_CFG_QTHRESH, htonl(1));
  socket.transact(mode, "configuring the packet log");
  check(::fcntl(socket.fd(), F_SETFL, O_NONBLOCK), "making the packet log non-blocking");
  return std::move(socket).take();
}

UniqueFd open_socket_diag() {
  NetlinkSocket socket(NETLINK_SOCK_DIAG);
  check(::fcntl(socket.fd(), F_SETFL, O_NONBLOCK), "making the socket diagnostics non-blocking");
  return std::move(socket).take();
}

}  // namespace awf::firewall
