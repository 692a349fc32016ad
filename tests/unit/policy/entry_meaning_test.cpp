#include "policy/entry_meaning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

EntryMeaning allow(const char* text) {
  return meaning_of_allow_entry(PolicyEntry::parse(text).or_refuse());
}

EntryMeaning block(const char* text) {
  return meaning_of_block_entry(PolicyEntry::parse(text).or_refuse());
}

TEST(EntryMeaning, says_what_an_entry_of_each_kind_covers) {
  EXPECT_EQ(allow("GitHub.com.").text,
            "github.com and every name below it: HTTP on port 80, TLS on port 443");
  EXPECT_EQ(allow("=github.com").text, "github.com alone: HTTP on port 80, TLS on port 443");
  EXPECT_EQ(allow("https://*.github.com").text,
            "every name below github.com, not github.com itself: TLS on port 443");
  EXPECT_EQ(allow("http://api-*.example.com").text,
            "every name that fits api-*.example.com: HTTP on port 80");
  EXPECT_EQ(allow("github.com:22").text,
            "github.com and every name below it: any TCP on port 22, unread");
  EXPECT_EQ(allow("https://github.com:8443").text,
            "github.com and every name below it: TLS on port 8443");
  EXPECT_EQ(allow("140.82.112.3").text,
            "the address 140.82.112.3: HTTP on port 80, TLS on port 443");
  EXPECT_EQ(allow("2606:4700::/32").text,
            "every address of 2606:4700::/32: HTTP on port 80, TLS on port 443");
  EXPECT_EQ(block("http://github.com").text,
            "github.com and every name below it: every protocol on every port");
  EXPECT_EQ(block("github.com:22").text,
            "github.com and every name below it: every protocol on port 22");
}

TEST(EntryMeaning, has_fields_for_machines) {
  const auto name = allow("=github.com");
  EXPECT_EQ(name.kind, "exact");
  EXPECT_EQ(name.target, "github.com");
  EXPECT_EQ(name.protocol, "both");
  EXPECT_THAT(name.ports, ElementsAre(80, 443));
  EXPECT_EQ(allow("*.github.com").kind, "below");
  EXPECT_EQ(allow("*.github.com").target, "github.com");
  EXPECT_EQ(allow("a*.github.com").kind, "glob");
  EXPECT_EQ(allow("[2606:4700::1]:53").kind, "address");
  EXPECT_EQ(allow("[2606:4700::1]:53").protocol, "any");
  EXPECT_EQ(allow("10.0.0.0/8").kind, "range");
  EXPECT_EQ(allow("https://a.com").protocol, "https");
  EXPECT_EQ(block("https://a.com").protocol, "any");
  EXPECT_THAT(block("a.com").ports, IsEmpty());
}

}  // namespace
}  // namespace awf::policy
