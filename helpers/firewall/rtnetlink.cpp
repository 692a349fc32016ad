#include "firewall/rtnetlink.hpp"

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

}  // namespace awf::firewall
