#include "policy/upload_limit.hpp"

#include <gtest/gtest.h>

namespace awf::policy {
namespace {

HostName name(const char* text) {
  return HostName::parse(text).or_refuse();
}

TEST(ByteCount, has_a_number_and_perhaps_a_unit) {
  EXPECT_EQ(*parse_byte_count("0"), 0U);
  EXPECT_EQ(*parse_byte_count("1500"), 1500U);
  EXPECT_EQ(*parse_byte_count("64K"), 65536U);
  EXPECT_EQ(*parse_byte_count("10m"), 10U << 20U);
  EXPECT_EQ(*parse_byte_count("2G"), std::uint64_t{2} << 30U);
  for (const char* bad : {"", "K", "-1", "+1", "1.5M", "1 K", "1KB", "10MiB", "0x10", "1T",
                          "18446744073709551616", "18446744073709551615K"}) {
    EXPECT_FALSE(parse_byte_count(bad)) << bad;
  }
}

TEST(UploadLimit, NET_37_covers_what_an_entry_of_the_allow_list_would) {
  const auto tree = UploadLimit::parse("GitHub.com=10M").or_refuse();
  EXPECT_EQ(tree.bytes, 10U << 20U);
  EXPECT_TRUE(tree.covers(name("github.com")));
  EXPECT_TRUE(tree.covers(name("a.b.github.com")));
  EXPECT_FALSE(tree.covers(name("notgithub.com")));
  const auto exact = UploadLimit::parse("=github.com=1").or_refuse();
  EXPECT_TRUE(exact.covers(name("github.com")));
  EXPECT_FALSE(exact.covers(name("api.github.com")));
  const auto range = UploadLimit::parse("192.0.2.0/24=1K").or_refuse();
  EXPECT_TRUE(range.covers(IpAddress::parse("192.0.2.9").or_refuse()));
  EXPECT_FALSE(range.covers(IpAddress::parse("192.0.3.9").or_refuse()));
  EXPECT_FALSE(range.covers(name("github.com")));
}

TEST(UploadLimit, of_another_form_is_refused) {
  for (const char* bad :
       {"", "github.com", "=10M", "github.com=", "github.com=x", "github.com=-1", "=github.com",
        "https://github.com=1", "github.com:443=1", "git hub.com=1", "github.com=1=2"}) {
    EXPECT_FALSE(UploadLimit::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace awf::policy
