#include "egress-proxy/client_probe.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include "egress-proxy/client_flow.hpp"

namespace awf::egress {
namespace {

// The client has sent its FIN, which may lie behind bytes that were not read yet.
bool has_ended_its_data(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state == TCP_CLOSE_WAIT;
}

}  // namespace

bool ClientProbe::has_left(net::tcp::socket& client) {
  if (!has_ended_its_data(client.native_handle())) return false;
  const auto flow = flow_of(client);
  return flow && diag_.is_abandoned(*flow);
}

}  // namespace awf::egress
