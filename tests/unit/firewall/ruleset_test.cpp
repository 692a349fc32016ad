#include "firewall/ruleset.hpp"

#include <gmock/gmock.h>

#include "net/canary_address.hpp"

namespace awf::firewall {
namespace {

using policy::IpAddress;
using policy::IpRange;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

IpRange range(const char* text) {
  return IpRange::parse(text).or_refuse();
}

std::vector<std::string> texts(const std::vector<IpRange>& ranges) {
  std::vector<std::string> result;
  result.reserve(ranges.size());
  for (const auto& r : ranges)
    result.push_back(r.text());
  return result;
}

TEST(InterceptedRanges, AreTheMappedOnesWithoutAList) {
  EXPECT_THAT(texts(intercepted_ranges({})), ElementsAre("198.18.0.0/15", "2001:2::/64"));
}

TEST(InterceptedRanges, LeaveOutWhatAnotherRangeContains) {
  const auto ranges =
      intercepted_ranges({range("10.1.0.0/16"), range("10.0.0.0/8"), range("10.0.0.0/8"),
                          range("198.18.7.0/24"), range("10.255.0.1/32"), range("11.0.0.0/8")});
  EXPECT_THAT(texts(ranges),
              ElementsAre("10.0.0.0/8", "11.0.0.0/8", "198.18.0.0/15", "2001:2::/64"));
}

TEST(InterceptedRanges, OfOneFamilyNeverHideTheOther) {
  EXPECT_THAT(texts(intercepted_ranges({range("::/0")})), ElementsAre("198.18.0.0/15", "::/0"));
  EXPECT_THAT(texts(intercepted_ranges({range("0.0.0.0/0")})),
              ElementsAre("0.0.0.0/0", "2001:2::/64"));
}

TEST(Ruleset, IsTheSameForTheSameRangesInAnyOrder) {
  EXPECT_EQ(build_ruleset({range("192.0.2.0/24"), range("2001:db8::/32")}),
            build_ruleset({range("2001:db8::/32"), range("192.0.2.0/24")}));
}

TEST(Ruleset, PutsListedLiteralsIntoTheSetOfTheirFamily) {
  const auto text = build_ruleset({range("192.0.2.7/32"), range("2001:db8::/32")});
  EXPECT_THAT(text, HasSubstr("elements = { 192.0.2.7, 198.18.0.0/15 }"));
  EXPECT_THAT(text, HasSubstr("elements = { 2001:2::/64, 2001:db8::/32 }"));
}

TEST(Ruleset, NET_22_DropsWhateverIsNotOnLoWithoutNamingAnyOtherInterface) {
  const auto text = build_ruleset({});
  EXPECT_THAT(text, HasSubstr("oifname != \"lo\" drop"));
  EXPECT_THAT(text, HasSubstr("iifname != \"lo\" drop"));
  EXPECT_THAT(text, Not(HasSubstr("eth")));
}

TEST(Ruleset, DropsByDefaultInEveryHookThatJudges) {
  const auto text = build_ruleset({});
  for (const auto* hook : {"output", "input", "forward"}) {
    EXPECT_THAT(text,
                HasSubstr(std::string("type filter hook ") + hook + " priority 0; policy drop;"));
  }
}

TEST(Ruleset, LogsInOnePlaceAlone) {
  const auto text = build_ruleset({});
  const auto first = text.find("log group 7 ");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("log ", first + 1), std::string::npos);
}

TEST(Ruleset, LeavesNoWordOfTheTemplateUnreplaced) {
  const auto text = build_ruleset({});
  for (const auto* word : {"INTERCEPT", "GROUP", "DNS"})
    EXPECT_THAT(text, Not(HasSubstr(word)));
  EXPECT_THAT(text, HasSubstr("tproxy ip to :15001 accept"));
  EXPECT_THAT(text, HasSubstr("tproxy ip6 to :15001 accept"));
}

TEST(CanaryAddress, IsTheFirstOneThatThePolicyDoesNotList) {
  const auto v4 = [](const std::vector<IpRange>& listed) {
    const auto found = net::canary_address(listed, IpAddress::Family::kV4);
    return found ? found->text() : "none";
  };
  EXPECT_EQ(v4({}), "1.1.1.1");
  EXPECT_EQ(v4({range("1.0.0.0/8")}), "8.8.8.8");
  EXPECT_EQ(v4({range("::/0")}), "1.1.1.1");
  EXPECT_EQ(v4({range("0.0.0.0/0")}), "none");
}

}  // namespace
}  // namespace awf::firewall
