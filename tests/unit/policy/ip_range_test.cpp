#include "policy/ip_range.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace awf::policy {
namespace {

using namespace std::string_literals;  // NUL inside a literal

IpAddress address(const std::string& text) {
  return IpAddress::parse(text).or_refuse();
}
IpRange range(const std::string& text) {
  return IpRange::parse(text).or_refuse();
}

TEST(IpAddress, prints_the_canonical_text_of_what_it_read) {
  const std::map<std::string, std::string> cases = {
      {"1.2.3.4", "1.2.3.4"},
      {"255.255.255.255", "255.255.255.255"},
      {"2001:DB8::0:1", "2001:db8::1"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
      {"::", "::"},
      {"::1", "::1"},
      {"::ffff:1.2.3.4", "1.2.3.4"},
      {"::FFFF:0102:0304", "1.2.3.4"},
      {"64:ff9b::1.2.3.4", "64:ff9b::102:304"}};
  for (const auto& [written, canonical] : cases) {
    EXPECT_EQ(address(written).text(), canonical);
    EXPECT_EQ(address(address(written).text()), address(written)) << written;
  }
}

TEST(IpAddress, NET_04_only_four_decimal_parts_and_RFC_4291_text_are_addresses) {
  for (const std::string& text : {""s,
                                  "1"s,
                                  "127.1"s,
                                  "1.2.3"s,
                                  "1.2.3.4.5"s,
                                  "1.2.3.4."s,
                                  ".1.2.3.4"s,
                                  "1..3.4"s,
                                  "2130706433"s,
                                  "0177.0.0.1"s,
                                  "01.2.3.4"s,
                                  "1.2.3.04"s,
                                  "0x7f.0.0.1"s,
                                  "0x7f000001"s,
                                  "256.1.1.1"s,
                                  "1.2.3.-4"s,
                                  "+1.2.3.4"s,
                                  " 1.2.3.4"s,
                                  "1.2.3.4 "s,
                                  "1.2.3.4\n"s,
                                  "1.2.3.4\0"s,
                                  "1.2.3.4\0.5"s,
                                  "１.2.3.4"s,
                                  "%31.2.3.4"s,
                                  "[::1]"s,
                                  "::1%lo"s,
                                  "fe80::1%eth0"s,
                                  ":::"s,
                                  "1:2:3:4:5:6:7"s,
                                  "1:2:3:4:5:6:7:8:9"s,
                                  "1::2::3"s,
                                  "12345::"s,
                                  "g::1"s,
                                  "::1.2.3"s,
                                  "::1.2.3.256"s,
                                  "::ffff:01.2.3.4"s,
                                  "localhost"s,
                                  std::string(10'000, '1')}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, an_IPv4_mapped_address_is_the_IPv4_address) {
  EXPECT_EQ(address("::ffff:10.0.0.1"), address("10.0.0.1"));
  EXPECT_EQ(address("::ffff:10.0.0.1").family(), IpAddress::Family::kV4);
  EXPECT_EQ(address("10.0.0.1").v4_bytes(), (std::array<std::uint8_t, 4>{10, 0, 0, 1}));
  EXPECT_NE(address("::10.0.0.1"), address("10.0.0.1"));
}

TEST(IpRange, covers_its_block_and_nothing_beside_it) {
  struct Case {
    std::string block;
    std::string first, last, before, after;
  };
  const std::vector<Case> cases = {
      {"10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
      {"192.168.4.0/22", "192.168.4.0", "192.168.7.255", "192.168.3.255", "192.168.8.0"},
      {"1.2.3.4", "1.2.3.4", "1.2.3.4", "1.2.3.3", "1.2.3.5"},
      {"1.2.3.4/31", "1.2.3.4", "1.2.3.5", "1.2.3.3", "1.2.3.6"},
      {"2001:db8::/33", "2001:db8::", "2001:db8:7fff::1", "2001:db7::", "2001:db8:8000::"},
      {"2001:db8::1", "2001:db8::1", "2001:db8::1", "2001:db8::", "2001:db8::2"}};
  for (const Case& c : cases) {
    EXPECT_TRUE(range(c.block).contains(address(c.first))) << c.block;
    EXPECT_TRUE(range(c.block).contains(address(c.last))) << c.block;
    EXPECT_FALSE(range(c.block).contains(address(c.before))) << c.block;
    EXPECT_FALSE(range(c.block).contains(address(c.after))) << c.block;
    EXPECT_EQ(range(range(c.block).text()), range(c.block));
    EXPECT_EQ(IpRange::around(address(c.last), range(c.block).prefix_length()), range(c.block));
  }
}

TEST(IpRange, never_covers_the_other_family) {
  EXPECT_FALSE(range("::/0").contains(address("1.2.3.4")));
  EXPECT_FALSE(range("0.0.0.0/0").contains(address("2001:db8::1")));
  EXPECT_TRUE(range("0.0.0.0/0").contains(address("255.1.2.3")));
  EXPECT_TRUE(range("::ffff:10.0.0.0/104").contains(address("10.1.2.3")));
  EXPECT_EQ(range("::ffff:10.0.0.0/104").text(), "10.0.0.0/8");
}

TEST(IpRange, with_bits_after_its_prefix_is_refused_and_the_block_is_named) {
  const auto refused = IpRange::parse("10.1.2.3/8");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("10.0.0.0/8"), std::string::npos) << refused.error();
  EXPECT_FALSE(IpRange::parse("2001:db8::1/32"));
}

TEST(IpRange, with_any_other_prefix_length_is_refused) {
  for (const std::string& text :
       {"10.0.0.0/33"s, "10.0.0.0/"s, "10.0.0.0/08"s, "10.0.0.0/+8"s, "10.0.0.0/ 8"s,
        "10.0.0.0/8/8"s, "10.0.0.0/255.0.0.0"s, "10.0.0.0/-1"s, "10.0.0.0/99999999999"s,
        "2001:db8::/129"s, "::ffff:0.0.0.0/95"s, "10/8"s, "10.0/16"s, "/8"s, ""s}) {
    EXPECT_FALSE(IpRange::parse(text)) << text;
  }
}

struct Classified {
  std::string text;
  AddressClass expected;
};

void expect_classes(const std::vector<Classified>& cases) {
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(classify(address(text)), expected)
        << text << " is " << describe(classify(address(text)));
  }
}

using Class = AddressClass;

TEST(Classify, the_special_IPv4_blocks_end_where_the_registry_says) {
  expect_classes({{"0.0.0.0", Class::kUnspecified},
                  {"0.255.255.255", Class::kUnspecified},
                  {"1.0.0.0", Class::kPublic},
                  {"9.255.255.255", Class::kPublic},
                  {"10.0.0.0", Class::kPrivate},
                  {"10.255.255.255", Class::kPrivate},
                  {"11.0.0.0", Class::kPublic},
                  {"100.63.255.255", Class::kPublic},
                  {"100.64.0.0", Class::kSharedCgnat},
                  {"100.127.255.255", Class::kSharedCgnat},
                  {"100.128.0.0", Class::kPublic},
                  {"126.255.255.255", Class::kPublic},
                  {"127.0.0.1", Class::kLoopback},
                  {"127.255.255.255", Class::kLoopback},
                  {"128.0.0.0", Class::kPublic},
                  {"169.253.255.255", Class::kPublic},
                  {"169.254.0.1", Class::kLinkLocal},
                  {"169.254.255.255", Class::kLinkLocal},
                  {"172.15.255.255", Class::kPublic},
                  {"172.16.0.0", Class::kPrivate},
                  {"172.31.255.255", Class::kPrivate},
                  {"172.32.0.0", Class::kPublic},
                  {"192.0.0.1", Class::kDocumentation},
                  {"192.0.0.9", Class::kDocumentation},    // Port Control Protocol anycast
                  {"192.0.0.10", Class::kDocumentation},   // TURN anycast
                  {"192.0.0.171", Class::kDocumentation},  // NAT64 discovery
                  {"192.0.1.0", Class::kPublic},
                  {"192.0.2.1", Class::kDocumentation},
                  {"192.31.196.1", Class::kPublic},  // AS112
                  {"192.52.193.1", Class::kPublic},  // AMT
                  {"192.88.98.255", Class::kPublic},
                  {"192.88.99.1", Class::kDocumentation},
                  {"192.88.99.2", Class::kDocumentation},
                  {"192.88.100.0", Class::kPublic},
                  {"192.168.0.0", Class::kPrivate},
                  {"192.169.0.0", Class::kPublic},
                  {"192.175.48.1", Class::kPublic},  // AS112
                  {"198.17.255.255", Class::kPublic},
                  {"198.18.0.0", Class::kDocumentation},
                  {"198.19.255.255", Class::kDocumentation},
                  {"198.20.0.0", Class::kPublic},
                  {"198.51.100.7", Class::kDocumentation},
                  {"203.0.113.7", Class::kDocumentation},
                  {"223.255.255.255", Class::kPublic},
                  {"224.0.0.1", Class::kMulticast},
                  {"239.255.255.255", Class::kMulticast},
                  {"240.0.0.1", Class::kDocumentation},
                  {"255.255.255.255", Class::kMulticast},
                  {"8.8.8.8", Class::kPublic}});
}

TEST(Classify, the_special_IPv6_blocks_end_where_the_registry_says) {
  expect_classes({{"::", Class::kUnspecified},
                  {"::1", Class::kLoopback},
                  {"::2", Class::kUnspecified},
                  {"100::1", Class::kDocumentation},
                  {"100:0:0:1::1", Class::kDocumentation},
                  {"2001::", Class::kUnspecified},
                  {"2001:1::1", Class::kDocumentation},  // the network's own PCP, TURN, SRP server
                  {"2001:1::2", Class::kDocumentation},
                  {"2001:1::3", Class::kDocumentation},
                  {"2001:1::4", Class::kDocumentation},
                  {"2001:2::1", Class::kDocumentation},
                  {"2001:3::1", Class::kPublic},
                  {"2001:4:112::1", Class::kPublic},
                  {"2001:10::1", Class::kDocumentation},
                  {"2001:20::1", Class::kDocumentation},  // ORCHIDv2
                  {"2001:2f:ffff::", Class::kDocumentation},
                  {"2001:30::1", Class::kDocumentation},  // drone ids
                  {"2001:3f:ffff::", Class::kDocumentation},
                  {"2001:1ff:ffff::", Class::kDocumentation},
                  {"2001:200::1", Class::kPublic},
                  {"2001:db8::1", Class::kDocumentation},
                  {"2001:db9::1", Class::kPublic},
                  {"2606:4700::1111", Class::kPublic},
                  {"2620:4f:8000::1", Class::kPublic},  // AS112
                  {"3ffe::1", Class::kPublic},
                  {"3fff:fff::1", Class::kDocumentation},
                  {"3fff:1000::1", Class::kPublic},
                  {"4000::1", Class::kDocumentation},
                  {"5f00::1", Class::kDocumentation},
                  {"fbff::1", Class::kDocumentation},
                  {"fc00::1", Class::kPrivate},
                  {"fdff::1", Class::kPrivate},
                  {"fe00::1", Class::kDocumentation},
                  {"fe80::1", Class::kLinkLocal},
                  {"febf::1", Class::kLinkLocal},
                  {"fec0::1", Class::kPrivate},
                  {"ff02::1", Class::kMulticast}});
}

TEST(Classify, knows_the_metadata_services_of_the_clouds) {
  for (const char* text : {"169.254.169.254", "169.254.170.2", "169.254.170.23", "168.63.129.16",
                           "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23",
                           "fd20:ce::254", "fd00:42::42", "fd00:c1::a9fe:a9fe"}) {
    EXPECT_EQ(classify(address(text)), Class::kMetadata) << text;
  }
}

TEST(Classify, sees_an_IPv4_address_through_every_embedding) {
  expect_classes({{"::ffff:169.254.169.254", Class::kMetadata},  // mapped
                  {"::169.254.169.254", Class::kMetadata},       // compatible
                  {"::127.0.0.1", Class::kLoopback},
                  {"::ffff:0:127.0.0.1", Class::kLoopback},        // translated
                  {"64:ff9b::169.254.169.254", Class::kMetadata},  // NAT64
                  {"64:ff9b::10.0.0.1", Class::kPrivate},
                  {"64:ff9b::8.8.8.8", Class::kPublic},
                  {"64:ff9b:1::127.0.0.1", Class::kLoopback},        // NAT64 of a site, /96
                  {"64:ff9b:1:a9fe:a9:fe00::", Class::kMetadata},    // /48
                  {"64:ff9b:1:a9:fe:a9fe::", Class::kMetadata},      // /56
                  {"64:ff9b:1:0:a9:fea9:fe00::", Class::kMetadata},  // /64
                  {"64:ff9b:1::8.8.8.8", Class::kPrivate},
                  {"2002:a9fe:a9fe::1", Class::kMetadata},  // 6to4
                  {"2002:7f00:1::", Class::kLoopback},
                  {"2002:808:808::1", Class::kPublic},
                  {"2001:0:808:808:0:0:f5ff:fffe", Class::kPrivate},     // Teredo: client 10.0.0.1
                  {"2001:0:a9fe:a9fe:0:0:f7f7:f7f7", Class::kMetadata},  // Teredo: the server
                  {"2001:0:808:808:0:0:f7f7:f7f7", Class::kPublic},
                  {"2606:4700::5efe:10.0.0.1", Class::kPrivate},  // ISATAP
                  {"2606:4700::200:5efe:10.0.0.1", Class::kPrivate},
                  {"2606:4700::5efe:8.8.8.8", Class::kPublic},
                  {"fe80::5efe:8.8.8.8", Class::kLinkLocal}});
}

TEST(Classify, has_words_for_every_class) {
  for (int i = 0; i <= static_cast<int>(Class::kMulticast); ++i) {
    EXPECT_NE(describe(static_cast<Class>(i)), "an unknown address") << i;
  }
}

}  // namespace
}  // namespace awf::policy
