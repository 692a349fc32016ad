#include "self-test/options.hpp"

#include <gmock/gmock.h>

#include "common/check.hpp"

namespace awf::self_test {
namespace {

Options parse(std::vector<const char*> words) {
  words.insert(words.begin(), "awf-self-test");
  return parse_options(static_cast<int>(words.size()), words.data());
}

TEST(SelfTestOptions, take_listed_ranges_and_the_program_after_the_dashes) {
  const auto options = parse({"--intercept-range", "1.1.1.1", "--intercept-range", "fd00::/8",
                              "--allowed-name", "a.io", "--", "next", "--help"});
  EXPECT_EQ(options.listed.size(), 2U);
  EXPECT_EQ(options.allowed_name, "a.io");
  EXPECT_THAT(options.next, testing::ElementsAre("next", "--help"));
}

TEST(SelfTestOptions, refuse_a_range_that_is_none_and_a_missing_program) {
  EXPECT_THROW(parse({"--intercept-range", "1.1.1.1/40", "--", "next"}), Refusal);
  EXPECT_THROW(parse({"--allowed-name", "a.io"}), Refusal);
}

}  // namespace
}  // namespace awf::self_test
