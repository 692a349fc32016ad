#include "awf/self_test_tally.hpp"

#include <gtest/gtest.h>

namespace awf::supervisor {
namespace {

TEST(SelfTestTally, RUN_15_all_contained_is_no_open_way) {
  EXPECT_FALSE(open_ways("contained 2 of 2\nok tcp\nok udp\n"));
}

TEST(SelfTestTally, RUN_15_one_open_probe_is_named) {
  EXPECT_EQ(open_ways("contained 1 of 2\nok tcp\nOPEN udp answered\n"),
            "contained 1 of 2; OPEN udp answered");
  // The line counts, whatever the tally says.
  EXPECT_EQ(open_ways("contained 2 of 2\nok tcp\nOPEN udp\n"), "contained 2 of 2; OPEN udp");
}

TEST(SelfTestTally, RUN_15_a_report_of_another_form_is_no_proof) {
  for (const char* report :
       {"", "contained", "contained 1 of 2", "contained 2 of 2 or so\nok tcp", "all fine\nok tcp"})
    EXPECT_TRUE(open_ways(report)) << report;
}

}  // namespace
}  // namespace awf::supervisor
