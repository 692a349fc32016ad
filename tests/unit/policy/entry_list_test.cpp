#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/egress_policy.hpp"

namespace awf::policy {
namespace {

using namespace std::string_literals;  // NUL inside a literal
using ::testing::ElementsAre;

std::vector<std::string> shown(const Result<std::vector<SourceEntry>>& entries) {
  std::vector<std::string> all;
  if (!entries) return {"refused: " + entries.error()};
  for (const auto& entry : *entries) {
    all.push_back(entry.origin + "=" + entry.text);
  }
  return all;
}

TEST(EntriesFromOption, are_separated_by_commas_and_trimmed) {
  EXPECT_THAT(
      shown(entries_from_option(" a.com , b.com,c.com,", "--allow-domains")),
      ElementsAre("--allow-domains=a.com", "--allow-domains=b.com", "--allow-domains=c.com"));
}

TEST(EntriesFromOption, a_list_without_an_entry_is_refused) {
  for (const char* value : {"", " ", ",", " , ,"}) {
    const auto entries = entries_from_option(value, "--allow-domains");
    ASSERT_FALSE(entries) << value;
    EXPECT_EQ(entries.error().rfind("--allow-domains: ", 0), 0U) << entries.error();
  }
}

TEST(EntriesFromFile, are_lines_and_commas_with_comments_anywhere_on_a_line) {
  const std::string content =
      "# a list\n"
      "a.com, b.com # two\r\n"
      "\n"
      "\t c.com\t\n"
      "#d.com\n"
      "e.com";
  EXPECT_THAT(shown(entries_from_file(content, "domains.txt")),
              ElementsAre("domains.txt:2=a.com", "domains.txt:2=b.com", "domains.txt:4=c.com",
                          "domains.txt:6=e.com"));
}

TEST(EntriesFromFile, may_be_none) {
  EXPECT_THAT(shown(entries_from_file("", "f")), ElementsAre());
  EXPECT_THAT(shown(entries_from_file("# nothing\n\n", "f")), ElementsAre());
}

TEST(EntriesFromFile, HTTP_14_a_control_character_is_refused_with_its_line) {
  EXPECT_THAT(shown(entries_from_file("a.com\nb\0.com\n"s, "f")),
              ElementsAre("refused: f:2: contains the control character \"\\x00\""));
  EXPECT_THAT(shown(entries_from_file("a.com\rb.com\n", "f")),
              ElementsAre("refused: f:1: contains the control character \"\\x0d\""));
  EXPECT_THAT(shown(entries_from_file("a.com\n\n# \x1b[2J\n", "f")),
              ElementsAre("refused: f:3: contains the control character \"\\x1b\""));
}

TEST(EntriesFromFile, HTTP_14_a_bad_entry_is_refused_with_its_line) {
  const auto entries = entries_from_file("a.com\nb.com, *.com\n", "domains.txt").or_refuse();
  const auto policy = EgressPolicy::build(entries, {});
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().rfind("domains.txt:2: entry \"*.com\": ", 0), 0U) << policy.error();
}

TEST(EntriesFromFile, are_bounded_in_bytes_and_number) {
  const std::size_t limit = 1024UL * 1024;
  EXPECT_TRUE(entries_from_file(std::string(limit, '#'), "f"));
  EXPECT_EQ(entries_from_file(std::string(limit + 1, '#'), "f").error(), "f: larger than 1 MiB");
  std::string many;
  for (int i = 0; i < 100'000; ++i) {
    many += "a.b\n";
  }
  EXPECT_EQ(entries_from_file(many, "f")->size(), 100'000U);
  EXPECT_EQ(entries_from_file(many + "a.b", "f").error(), "f:100001: more than 100000 entries");
}

}  // namespace
}  // namespace awf::policy
