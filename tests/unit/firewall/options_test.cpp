#include "firewall/options.hpp"

#include <gmock/gmock.h>

#include "common/check.hpp"

namespace awf::firewall {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Options parse(std::vector<const char*> words) {
  words.insert(words.begin(), "awf-firewall");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(FirewallOptions, TakeRangesAndTheProgramAfterTheDashes) {
  const auto options =
      parse({"--user-namespace", "--control-fd", "0", "--intercept-range", "192.0.2.0/24",
             "--intercept-range", "2001:db8::1", "--", "next", "--control-fd", "9"});
  EXPECT_TRUE(options.user_namespace);
  EXPECT_EQ(options.control_fd, 0);
  EXPECT_EQ(options.intercept_ranges.size(), 2U);
  EXPECT_THAT(options.command, ElementsAre("next", "--control-fd", "9"));
}

TEST(FirewallOptions, RefuseARangeThatIsNoneAndNameIt) {
  EXPECT_THAT(
      [] {
        parse({"--control-fd", "0", "--intercept-range", "1.2.3.4/33", "--", "x"});
      },
      ThrowsMessage<Refusal>(HasSubstr("--intercept-range \"1.2.3.4/33\"")));
}

TEST(FirewallOptions, RefuseAMissingChannelOrProgram) {
  EXPECT_THROW(parse({"--", "x"}), Refusal);
  EXPECT_THROW(parse({"--control-fd", "0"}), Refusal);
  EXPECT_THROW(parse({"--control-fd", "0", "--"}), Refusal);
  EXPECT_THROW(parse({"--control-fd", "987", "--", "x"}), Refusal);
}

TEST(FirewallOptions, PrintingTheRulesNeedsNeither) {
  EXPECT_TRUE(parse({"--print-ruleset"}).print_ruleset);
  EXPECT_THAT(help_text(), HasSubstr("--print-ruleset"));
}

}  // namespace
}  // namespace awf::firewall
