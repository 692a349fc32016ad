#include "firewall/proofs.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "firewall/rtnetlink.hpp"
#include "net/canary_address.hpp"

namespace awf::firewall {
namespace {

using policy::IpAddress;

// Typically 0.2; the limit is for rules that swallow packets, not for a machine under load.
constexpr int kProbeMilliseconds = 2000;

// The errno that a connection to `address`:443 ends with; 0 when it is made.
int connect_outcome(const IpAddress& address) {
  constexpr std::uint16_t kHttps = 443;
  const bool v4 = address.family() == IpAddress::Family::kV4;
  const UniqueFd fd(
      check(::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
            "opening a probe"));
  sockaddr_in name4{};
  name4.sin_family = AF_INET;
  name4.sin_port = htons(kHttps);
  std::memcpy(&name4.sin_addr, address.v4_bytes().data(), sizeof name4.sin_addr);
  sockaddr_in6 name6{};
  name6.sin6_family = AF_INET6;
  name6.sin6_port = htons(kHttps);
  std::memcpy(&name6.sin6_addr, address.bytes().data(), sizeof name6.sin6_addr);
  const auto* name =
      v4 ? reinterpret_cast<const sockaddr*>(&name4) : reinterpret_cast<const sockaddr*>(&name6);
  const socklen_t size = v4 ? sizeof name4 : sizeof name6;
  if (::connect(fd.get(), name, size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waited{fd.get(), POLLOUT, 0};
  if (check(::poll(&waited, 1, kProbeMilliseconds), "waiting for a probe") == 0) return ETIMEDOUT;
  int error = 0;
  socklen_t error_size = sizeof error;
  check(::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &error_size), "reading a probe");
  return error;
}

}  // namespace

int verify_loopback_alone(bool must_be_up) {
  const auto interfaces = list_interfaces();
  verify(interfaces.size() == 1 && interfaces[0].loopback && interfaces[0].name == "lo",
         "the sandbox has the loopback interface and no other");
  verify(!must_be_up || interfaces[0].up, "the loopback interface is up");
  return interfaces[0].index;
}

void verify_low_ports_protected() {
  constexpr std::size_t kMaxBytes = 64;
  const auto text = read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", kMaxBytes);
  const auto first = parse_number<unsigned>(trimmed(text));
  // ip(7): 1024 in every new namespace, whatever the host has set.
  verify(first && *first >= IPPORT_RESERVED, "ports below 1024 are closed to the command");
}

void verify_public_addresses_refused(const std::vector<policy::IpRange>& listed) {
  for (const auto family : {IpAddress::Family::kV4, IpAddress::Family::kV6}) {
    // A list that covers every candidate leaves nothing that must be refused.
    const auto canary = net::canary_address(listed, family);
    if (!canary) continue;
    const int outcome = connect_outcome(*canary);
    verify(outcome == ECONNREFUSED, "a connection to " + canary->text() + " is refused at once (" +
                                        (outcome == 0 ? "made" : ::strerrorname_np(outcome)) + ")");
  }
}

}  // namespace awf::firewall
