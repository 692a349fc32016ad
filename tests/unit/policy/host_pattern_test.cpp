#include "policy/host_pattern.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace awf::policy {
namespace {

using Kind = HostPattern::Kind;

struct Case {
  std::string written;
  Kind kind;
  std::string text;
  std::string tail;
};

TEST(HostPattern, knows_its_kind_its_canonical_text_and_its_fixed_tail) {
  const std::vector<Case> cases = {
      {"github.com", Kind::kTree, "github.com", "github.com"},
      {"GitHub.com.", Kind::kTree, "github.com", "github.com"},
      {"=GitHub.com", Kind::kExact, "=github.com", "github.com"},
      {"*.GitHub.com", Kind::kBelow, "*.github.com", "github.com"},
      {"**.github.com.", Kind::kBelow, "*.github.com", "github.com"},
      {"*.bücher.ch", Kind::kBelow, "*.xn--bcher-kva.ch", "xn--bcher-kva.ch"},
      {"api-*.example.com", Kind::kGlob, "api-*.example.com", "example.com"},
      {"*.*.example.com", Kind::kGlob, "*.*.example.com", "example.com"},
      {"a.*.b.example.com", Kind::kGlob, "a.*.b.example.com", "b.example.com"},
      {"*example.com", Kind::kGlob, "*example.com", "com"},
      {"ads*", Kind::kGlob, "ads*", ""},
      {"api.*", Kind::kGlob, "api.*", ""}};
  for (const Case& c : cases) {
    const auto pattern = HostPattern::parse(c.written);
    ASSERT_TRUE(pattern) << c.written << ": " << pattern.error();
    EXPECT_EQ(pattern->kind(), c.kind) << c.written;
    EXPECT_EQ(pattern->text(), c.text);
    EXPECT_EQ(pattern->fixed_tail(), c.tail) << c.written;
    EXPECT_EQ(HostPattern::parse(pattern->text()).value(), *pattern) << c.written;
  }
}

TEST(HostPattern, that_could_cover_no_host_name_is_refused) {
  for (const char* text : {"", ".", "=", "=*.a.com", "a..*", "*..a.com", ".*.com", "a_*.-b.com",
                           "*-.a.com", "*.1", "10.*.1", "b\xc3\xbc*.ch", "*.a b.com", "*.a/b",
                           "a*:443", "==a.com", "*.a..com", "*.com..", "*。com*"}) {
    EXPECT_FALSE(HostPattern::parse(text)) << text;
  }
  EXPECT_FALSE(HostPattern::parse("*." + std::string(64, 'a') + ".com"));
  EXPECT_FALSE(HostPattern::parse("*." + std::string(63, 'a') + "." + std::string(190, 'b')));
}

struct Coverage {
  std::string pattern;
  std::vector<std::string> covered;
  std::vector<std::string> not_covered;
};

TEST(HostPattern, S1_G2_a_plain_name_covers_its_subdomains_and_a_wildcard_all_below_but_the_apex) {
  const std::vector<Coverage> cases = {
      {"github.com",
       {"github.com", "api.github.com", "a.b.github.com"},
       {"notgithub.com", "github.com.evil.com", "github.co", "com", "xgithub.com", "githubxcom"}},
      {"=github.com", {"github.com"}, {"api.github.com", "notgithub.com", "com"}},
      {"*.github.com",
       {"api.github.com", "a.b.c.github.com"},
       {"github.com", "notgithub.com", "api.github.com.evil.com", "apigithub.com"}},
      {"api-*.example.com",
       {"api-1.example.com", "api-.example.com", "api-a.b.example.com"},
       {"api.example.com", "x.api-1.example.com", "api-1.example.com.evil.com", "api-1.example.org",
        "api-1example.com"}},
      {"a.*.example.com",
       {"a.b.example.com", "a.b.c.example.com"},
       {"a.example.com", "b.a.example.com"}},
      {"*.*.example.com",
       {"a.b.example.com", "a.b.c.example.com"},
       {"a.example.com", "example.com"}},
      {"ads*", {"ads", "ads.example.com", "adserver.example.com"}, {"bads.example.com"}},
      {"*ab*ab.example.com", {"abab.example.com", "xabyabab.example.com"}, {"ab.example.com"}}};
  for (const Coverage& c : cases) {
    const HostPattern pattern = HostPattern::parse(c.pattern).or_refuse();
    for (const auto& name : c.covered) {
      EXPECT_TRUE(pattern.covers(name)) << c.pattern << " and " << name;
    }
    for (const auto& name : c.not_covered) {
      EXPECT_FALSE(pattern.covers(name)) << c.pattern << " and " << name;
    }
  }
}

TEST(HostPattern, with_many_stars_takes_no_exponential_time) {
  std::string text;
  for (int i = 0; i < 30; ++i) {
    text += "a*";
  }
  const HostPattern pattern = HostPattern::parse(text + ".example.com").or_refuse();
  EXPECT_FALSE(pattern.covers(std::string(240, 'a') + "b.example.co"));
  EXPECT_TRUE(pattern.covers(std::string(240, 'a') + "b.example.com"));
}

}  // namespace
}  // namespace awf::policy
