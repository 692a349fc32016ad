#include "firewall/rtnetlink.hpp"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "common/check.hpp"
#include "firewall/netlink.hpp"

namespace awf::firewall {
namespace {

std::string name_of(const NetlinkMessage& message) {
  const auto value = message.attribute(sizeof(ifinfomsg), IFLA_IFNAME);
  std::string name(value.size(), '\0');
  std::memcpy(name.data(), value.data(), value.size());
  return name.substr(0, name.find('\0'));
}

template <typename Address>
NetlinkRequest local_route(unsigned char family, int interface_index, const Address& source) {
  rtmsg route{};
  route.rtm_family = family;
  route.rtm_table = RT_TABLE_LOCAL;
  route.rtm_protocol = RTPROT_STATIC;
  route.rtm_scope = RT_SCOPE_HOST;
  route.rtm_type = RTN_LOCAL;  // with a prefix length of 0: every address
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                         route);
  request.attribute(RTA_OIF, interface_index).attribute(RTA_PREFSRC, source);
  return request;
}

template <typename Address>
NetlinkRequest new_address(unsigned char family, int interface_index, const Address& address) {
  ifaddrmsg message{};
  message.ifa_family = family;
  message.ifa_prefixlen = 8 * sizeof address;
  message.ifa_flags = IFA_F_NODAD;
  message.ifa_index = static_cast<unsigned>(interface_index);
  NetlinkRequest request(RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                         message);
  request.attribute(IFA_LOCAL, address).attribute(IFA_ADDRESS, address);
  return request;
}

}  // namespace

std::vector<Interface> list_interfaces() {
  const NetlinkSocket socket(NETLINK_ROUTE);
  std::vector<Interface> interfaces;
  socket.dump(NetlinkRequest(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, ifinfomsg{}),
              "listing network interfaces", [&](const NetlinkMessage& message) {
                if (message.type != RTM_NEWLINK) return;
                const auto info = message.fixed<ifinfomsg>();
                interfaces.push_back({info.ifi_index, (info.ifi_flags & IFF_LOOPBACK) != 0,
                                      (info.ifi_flags & IFF_UP) != 0, name_of(message)});
              });
  return interfaces;
}

void bring_up(int interface_index) {
  ifinfomsg link{};
  link.ifi_index = interface_index;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  const NetlinkSocket socket(NETLINK_ROUTE);
  socket.transact(NetlinkRequest(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, link),
                  "bringing the loopback interface up");
}

void make_every_address_local(int interface_index) {
  const NetlinkSocket socket(NETLINK_ROUTE);
  in_addr loopback4{};
  loopback4.s_addr = htonl(INADDR_LOOPBACK);
  socket.transact(local_route(AF_INET, interface_index, loopback4),
                  "making every IPv4 address local");
  socket.transact(local_route(AF_INET6, interface_index, in6addr_loopback),
                  "making every IPv6 address local");
}

void add_placeholder_addresses(int interface_index) {
  const NetlinkSocket socket(NETLINK_ROUTE);
  in_addr v4{};
  in6_addr v6{};
  verify(::inet_pton(AF_INET, "192.0.0.8", &v4) == 1 &&
             ::inet_pton(AF_INET6, "2001:2:0:ffff::1", &v6) == 1,
         "the placeholder addresses are addresses");
  socket.transact(new_address(AF_INET, interface_index, v4), "adding an IPv4 address");
  socket.transact(new_address(AF_INET6, interface_index, v6), "adding an IPv6 address");
}

}  // namespace awf::firewall
