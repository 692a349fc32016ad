#include "awf/denial_help.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::supervisor {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string deny(const std::string& protocol, const std::string& name, unsigned port,
                 const std::string& rule = "default") {
  return R"({"schema":"awf-audit/1","verdict":"deny","door":"proxy","protocol":")" + protocol +
         R"(","name":")" + name + R"(","port":)" + std::to_string(port) + R"(,"rule":")" + rule +
         R"(","reason":"no entry covers it"})" + "\n";
}

TEST(DenialHelp, S8_01_names_target_reason_count_and_the_line_that_would_allow_it) {
  const auto help =
      denial_help(denied_targets(deny("tls", "evil.com", 443) + deny("tls", "evil.com", 443)));
  EXPECT_THAT(help, HasSubstr("evil.com:443 (2 times): no entry covers it"));
  EXPECT_THAT(help, HasSubstr("--allow-domains \"evil.com\""));
}

TEST(DenialHelp, a_port_that_is_not_the_webs_is_part_of_the_entry) {
  const auto help = denial_help(denied_targets(deny("tcp", "github.com", 22)));
  EXPECT_THAT(help, HasSubstr("--allow-domains \"github.com:22\""));
}

TEST(DenialHelp, what_no_entry_can_allow_gets_no_ready_line) {
  const auto help =
      denial_help(denied_targets(deny("udp", "8.8.8.8", 443) + deny("tls", "a.com", 443, "a.com")));
  EXPECT_THAT(help, HasSubstr("8.8.8.8:443/udp"));
  EXPECT_THAT(help, Not(HasSubstr("--allow-domains")));
}

TEST(DenialHelp, allowed_records_half_lines_and_foreign_text_are_passed_over) {
  EXPECT_TRUE(denied_targets(R"({"verdict":"allow","name":"a.com","port":443})"
                             "\n[1]\nnot json\n{\"verdict\":\"den")
                  .empty());
  EXPECT_EQ(denial_help({}), "");
}

TEST(DenialHelp, FS_07_escape_sequences_of_the_command_do_not_reach_the_terminal) {
  const auto help = denial_help(denied_targets(deny("tls", "a\\u001b[31m.com", 443)));
  EXPECT_THAT(help, Not(HasSubstr("\x1b")));
  EXPECT_THAT(help, Not(HasSubstr("--allow-domains")));
}

TEST(DenialHelp, many_targets_are_counted_not_listed) {
  std::string audit;
  for (int i = 0; i < 30; ++i)
    audit += deny("tls", "h" + std::to_string(i) + ".com", 443);
  EXPECT_THAT(denial_help(denied_targets(audit), 20), HasSubstr("… and 10 more"));
}

}  // namespace
}  // namespace awf::supervisor
