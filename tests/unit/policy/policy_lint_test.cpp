#include "policy/policy_lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<SourceEntry> entries(const std::vector<std::string>& texts) {
  std::vector<SourceEntry> all;
  all.reserve(texts.size());
  for (const auto& text : texts)
    all.push_back({text, "f:" + std::to_string(all.size() + 1)});
  return all;
}

LintFindings findings(const std::vector<std::string>& allow,
                      const std::vector<std::string>& block = {}) {
  return lint(entries(allow), entries(block));
}

// Is the second entry superfluous beside the first?
bool covers(const std::string& wide, const std::string& narrow) {
  const auto covered = findings({wide, narrow}).covered;
  return !covered.empty() && covered.back().starts_with("f:2: ");
}

TEST(PolicyLint, HTTP_15_an_entry_that_another_covers_is_named_with_it) {
  EXPECT_THAT(findings({"api.github.com", "github.com"}).covered,
              ElementsAre("f:1: entry \"api.github.com\": adds nothing, since it is covered by "
                          "\"github.com\" (f:2)"));
}

TEST(PolicyLint, covering_follows_the_kinds_of_both_entries) {
  for (const char* narrow :
       {"github.com", "=github.com", "a.github.com", "=a.github.com", "*.github.com",
        "*.a.github.com", "x*.github.com", "https://github.com", "http://a.github.com"}) {
    EXPECT_TRUE(covers("github.com", narrow)) << narrow;
  }
  for (const char* other :
       {"notgithub.com", "github.com.net", "github.com:22", "https://github.com:8443"}) {
    EXPECT_FALSE(covers("github.com", other)) << other;
  }
  EXPECT_TRUE(covers("*.github.com", "a.github.com"));
  EXPECT_TRUE(covers("*.github.com", "*.a.github.com"));
  EXPECT_TRUE(covers("*.github.com", "x*.github.com"));
  EXPECT_FALSE(covers("*.github.com", "=github.com"));
  EXPECT_FALSE(covers("=github.com", "*.github.com"));
  EXPECT_FALSE(covers("=a.github.com", "b.github.com"));
  EXPECT_TRUE(covers("a*.github.com", "=ab.github.com"));
  EXPECT_FALSE(covers("a*.github.com", "*.github.com"));
  EXPECT_FALSE(covers("https://github.com", "http://a.github.com"));
  EXPECT_TRUE(covers("github.com:22", "a.github.com:22"));
  EXPECT_TRUE(covers("10.0.0.0/8", "10.1.2.3"));
  EXPECT_FALSE(covers("10.1.2.3", "10.1.2.4"));
}

TEST(PolicyLint, of_two_that_say_the_same_the_later_is_superfluous) {
  EXPECT_THAT(findings({"a.com", "A.com.", "b.com"}).covered, ElementsAre(HasSubstr("f:2: ")));
  EXPECT_THAT(findings({"a.com", "b.com", "=c.com", "*.c.com"}).covered, IsEmpty());
}

TEST(PolicyLint, HTTP_15_an_entry_that_is_blocked_wholly_is_named_with_its_block) {
  EXPECT_THAT(findings({"api.github.com"}, {"github.com"}).blocked,
              ElementsAre("f:1: entry \"api.github.com\": allows nothing, since it is blocked by "
                          "\"github.com\" (f:1)"));
  EXPECT_THAT(findings({"github.com:22"}, {"github.com:22"}).blocked, testing::SizeIs(1));
  EXPECT_THAT(findings({"10.0.0.1"}, {"10.0.0.0/8"}).blocked, testing::SizeIs(1));
  EXPECT_THAT(findings({"github.com"}, {"api.github.com", "github.com:22", "com.net"}).blocked,
              IsEmpty());
}

TEST(PolicyLint, a_list_of_many_entries_is_read_in_no_time) {
  std::vector<SourceEntry> many;
  many.reserve(20001);
  for (int i = 0; i < 20000; ++i)
    many.push_back({"host" + std::to_string(i) + ".example.com", "f"});
  many.push_back({"example.com", "f"});
  EXPECT_EQ(lint(many, {}).covered.size(), 20000U);
}

}  // namespace
}  // namespace awf::policy
