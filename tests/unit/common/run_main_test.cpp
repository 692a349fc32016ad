#include "common/run_main.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/check.hpp"
#include "common/exit_code.hpp"

namespace awf {
namespace {

TEST(RunMain, RUN_05_a_failure_is_one_line_and_exit_code_125) {
  testing::internal::CaptureStderr();
  const int code = run_main("awf-test", []() -> int { throw Refusal("bad\nthing\x1b[0m"); });
  EXPECT_EQ(code, exit_code::kRefused);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "awf-test: bad\\x0athing\\x1b[0m\n");
}

TEST(RunMain, a_result_is_returned_as_it_is) {
  EXPECT_EQ(run_main("awf-test", [] { return 42; }), 42);
}

TEST(Check, a_negative_result_becomes_the_errno_with_its_context) {
  errno = ENOENT;
  try {
    check(-1, "opening the door");
    FAIL() << "did not throw";
  } catch (const SystemFailure& failure) {
    EXPECT_EQ(failure.error_number(), ENOENT);
    EXPECT_STREQ(failure.what(), "opening the door: No such file or directory");
  }
}

TEST(ExitCode, S7_G1_a_signal_is_128_plus_its_number_with_and_without_core) {
  EXPECT_EQ(exit_code::from_wait_status(15), 143);
  EXPECT_EQ(exit_code::from_wait_status(9), 137);
  EXPECT_EQ(exit_code::from_wait_status(11 | 0x80), 139);
  EXPECT_EQ(exit_code::from_wait_status(42 << 8), 42);
}

}  // namespace
}  // namespace awf
