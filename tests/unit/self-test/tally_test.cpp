#include "self-test/tally.hpp"

#include <gtest/gtest.h>

namespace awf::self_test {
namespace {

TEST(Tally, RUN_15_says_how_many_were_contained_and_what_each_found) {
  const std::vector<ProbeResult> results = {{"tcp", Outcome::kContained, "refused"},
                                            {"udp", Outcome::kEscaped, "answered"},
                                            {"dns", Outcome::kUnproven, "no answer"}};
  EXPECT_EQ(format_tally(results),
            "contained 1 of 3\nok tcp: refused\nESCAPED udp: answered\nFAILED dns: no answer");
}

TEST(Tally, RUN_15_one_escape_or_one_probe_without_proof_is_not_contained) {
  EXPECT_TRUE(all_contained({{"a", Outcome::kContained, ""}}));
  EXPECT_FALSE(all_contained({{"a", Outcome::kContained, ""}, {"b", Outcome::kEscaped, ""}}));
  EXPECT_FALSE(all_contained({{"a", Outcome::kContained, ""}, {"b", Outcome::kUnproven, ""}}));
}

TEST(Tally, no_probes_are_no_proof) {
  EXPECT_FALSE(all_contained({}));
}

}  // namespace
}  // namespace awf::self_test
