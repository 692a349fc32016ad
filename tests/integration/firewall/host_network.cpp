#include "host_network.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/check.hpp"
#include "common/child.hpp"
#include "policy/ip_range.hpp"
#include "sender.hpp"

namespace awf::tests {
namespace {

constexpr const char* kWire =
    "set -e\n"
    "ip link add wire0 type veth peer name wire1\n"
    "ip addr add 192.0.2.1/24 dev wire0\n"
    "ip addr add 2001:db8:1::1/64 dev wire0 nodad\n"
    "ip link set lo up; ip link set wire0 up; ip link set wire1 up\n"
    "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev wire0 nud permanent\n"
    "ip neigh add 2001:db8:1::2 lladdr 02:00:00:00:00:02 dev wire0 nud permanent\n"
    "ip route add default via 192.0.2.2\n"
    "ip route add default via 2001:db8:1::2\n";

// A destination that no test uses otherwise: when it is seen, all that was sent before was.
constexpr const char* kSentinel = "198.51.100.254";

// Neighbour discovery and multicast listener reports: the host's own chatter on its wire, ICMPv6
// (58), or behind hop-by-hop options (0), to a link-local multicast address.
bool is_chatter(const std::array<std::uint8_t, 256>& frame) {
  const bool v6 = frame[12] == 0x86 && frame[13] == 0xdd;
  return v6 && frame[38] == 0xff && frame[39] == 0x02 && (frame[20] == 58 || frame[20] == 0);
}

std::string destination(const std::array<std::uint8_t, 256>& frame, std::size_t size) {
  if (size >= 34 && frame[12] == 0x08 && frame[13] == 0x00) {
    std::array<std::uint8_t, 4> address{};
    std::memcpy(address.data(), &frame[30], address.size());
    return policy::IpAddress::v4(address).text();
  }
  if (size >= 54 && frame[12] == 0x86 && frame[13] == 0xdd) {
    std::array<std::uint8_t, 16> address{};
    std::memcpy(address.data(), &frame[38], address.size());
    return policy::IpAddress::v6(address).text();
  }
  return "other";
}

UniqueFd watch(const char* interface) {
  UniqueFd fd(
      check(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)), "opening the witness"));
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(ETH_P_ALL);
  place.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
  check(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place),
        "binding the witness");
  return fd;
}

}  // namespace

HostNetwork::HostNetwork() {
  check(::unshare(CLONE_NEWNET), "making the tests' host network (root is needed)");
  SpawnPlan plan;
  plan.program = "/bin/sh";
  plan.argv = {"sh", "-c", kWire};
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  verify(Child::spawn(plan).wait() == 0, "the tests' host network is there");
  witness_ = watch("wire1");
}

std::set<std::string> HostNetwork::seen() {
  verify(send_udp(kSentinel, 9) == "sent", "the host's wire carries packets");
  for (std::set<std::string> seen;;) {
    std::array<std::uint8_t, 256> frame{};
    const auto got = check(::recv(witness_.get(), frame.data(), frame.size(), 0), "witnessing");
    const auto to = destination(frame, static_cast<std::size_t>(got));
    if (to == kSentinel) return seen;
    if (!is_chatter(frame)) seen.insert(to);
  }
}

HostNetwork& host_network() {
  static HostNetwork network;
  return network;
}

}  // namespace awf::tests
