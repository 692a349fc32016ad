#include "firewall/netlink.hpp"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <array>

namespace awf::firewall {
namespace {

TEST(NetlinkRequest, CarriesItsLengthAndPadsAttributesToFourBytes) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_REQUEST, ifinfomsg{});
  request.attribute(IFLA_GROUP, std::uint16_t{7});
  const auto bytes = request.bytes();
  nlmsghdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.nlmsg_len, bytes.size());
  EXPECT_EQ(header.nlmsg_type, RTM_NEWLINK);
  EXPECT_EQ(bytes.size(), sizeof header + sizeof(ifinfomsg) + 8);
}

TEST(NetlinkMessage, FindsAnAttributeBehindTheFixedStruct) {
  NetlinkRequest request(RTM_NEWLINK, 0, ifinfomsg{});
  request.attribute(IFLA_GROUP, std::uint16_t{7}).attribute(IFLA_MTU, std::uint32_t{65536});
  const NetlinkMessage message{RTM_NEWLINK, request.bytes().subspan(sizeof(nlmsghdr))};
  const auto value = message.attribute(sizeof(ifinfomsg), IFLA_MTU);
  ASSERT_EQ(value.size(), 4U);
  std::uint32_t mtu = 0;
  std::memcpy(&mtu, value.data(), sizeof mtu);
  EXPECT_EQ(mtu, 65536U);
  EXPECT_TRUE(message.attribute(sizeof(ifinfomsg), IFLA_IFNAME).empty());
}

TEST(NetlinkMessage, NeverReadsPastItsEnd) {
  // An attribute that claims 200 bytes in a message of 8, and a message shorter than its struct.
  const nlattr lie{200, IFLA_IFNAME};
  std::array<std::byte, 8> bytes{};
  std::memcpy(bytes.data(), &lie, sizeof lie);
  const NetlinkMessage message{RTM_NEWLINK, bytes};
  EXPECT_TRUE(message.attribute(0, IFLA_IFNAME).empty());
  EXPECT_TRUE(message.attribute(sizeof(ifinfomsg), IFLA_IFNAME).empty());
  EXPECT_EQ(message.fixed<ifinfomsg>().ifi_index, 0);
}

}  // namespace
}  // namespace awf::firewall
