#include <gtest/gtest.h>

#include "net/resolver.hpp"

namespace awf::net {
namespace {

std::string shown(std::string_view text) {
  const auto server = DnsServer::parse(text);
  if (!server.ok()) return server.error();
  return server->address.text() + " " + server->zone + " " + std::to_string(server->port);
}

TEST(DnsServer, S2_01_S2_10_S2_11_reads_every_spelling) {
  EXPECT_EQ(shown("192.0.2.1"), "192.0.2.1  53");
  EXPECT_EQ(shown("192.0.2.1:5353"), "192.0.2.1  5353");
  EXPECT_EQ(shown("::1"), "::1  53");
  EXPECT_EQ(shown("2001:db8::53"), "2001:db8::53  53");
  EXPECT_EQ(shown("[2001:db8::53]"), "2001:db8::53  53");
  EXPECT_EQ(shown("[2001:db8::53]:5353"), "2001:db8::53  5353");
  EXPECT_EQ(shown("fe80::1%eth0"), "fe80::1 eth0 53");
  EXPECT_EQ(shown("[fe80::1%eth0]:5353"), "fe80::1 eth0 5353");
}

TEST(DnsServer, S2_G2_refuses_what_is_no_server_and_names_it) {
  for (const char* text : {"", "not:an:ipv6", "256.1.1.1", "dns.example", "192.0.2.1:",
                           "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:+1", "192.0.2.1 ", "[::1",
                           "[::1]x", "[::1]:", "[192.0.2.1]", "fe80::1", "fe80::1%",
                           "fe80::1%a-name-of-sixteen", "::1%lo", "192.0.2.1%eth0", "::1]:53"}) {
    const auto server = DnsServer::parse(text);
    ASSERT_FALSE(server.ok()) << text;
    EXPECT_NE(server.error().find('"' + std::string(text) + '"'), std::string::npos)
        << server.error();
  }
}

}  // namespace
}  // namespace awf::net
