#include "awf/timeline.hpp"

#include <gtest/gtest.h>

namespace awf::supervisor {
namespace {

using std::chrono::microseconds;

TEST(Timeline, each_step_has_its_time_since_the_start_and_since_the_one_before) {
  const Timeline::Clock::time_point start;
  Timeline timeline(start);
  timeline.mark("first", start + microseconds(1500));
  timeline.mark("second", start + microseconds(12000));
  EXPECT_EQ(timeline.text(),
            "    at   took  step (milliseconds)\n"
            "   1.5    1.5  first\n"
            "  12.0   10.5  second\n");
}

}  // namespace
}  // namespace awf::supervisor
