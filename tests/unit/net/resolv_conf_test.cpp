#include "net/resolv_conf.hpp"

#include <gtest/gtest.h>

namespace awf::net {
namespace {

TEST(ResolvConf, S2_11_link_local_servers_keep_their_interface) {
  const auto servers = servers_of_resolv_conf(
      "# a comment\nsearch corp.example\nnameserver fe80::1%eth0\n nameserver\t9.9.9.9 # x\n"
      "nameservers 8.8.8.8\nnameserver\nnameserver not-one\nnameserver 2620:fe::fe\n"
      "nameserver 8.8.4.4\noptions rotate\n");
  ASSERT_EQ(servers.size(), 3U);
  EXPECT_EQ(servers[0].address.text(), "fe80::1");
  EXPECT_EQ(servers[0].zone, "eth0");
  EXPECT_EQ(servers[1].address.text(), "9.9.9.9");
  EXPECT_EQ(servers[2].address.text(), "2620:fe::fe");
  EXPECT_TRUE(servers_of_resolv_conf("").empty());
}

}  // namespace
}  // namespace awf::net
