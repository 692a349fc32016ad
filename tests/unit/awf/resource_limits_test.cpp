#include "awf/resource_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "awf/options.hpp"
#include "common/check.hpp"

namespace awf::supervisor {
namespace {

using testing::HasSubstr;

Identity user(Mode mode, uid_t uid) {
  Identity identity;
  identity.mode = mode;
  identity.uid = uid;
  return identity;
}

ResourceLimits judged(const std::optional<std::string>& memory,
                      const std::optional<std::string>& processes,
                      const Identity& identity = user(Mode::kPrivileged, 1001)) {
  Options options;
  options.memory_limit = memory;
  options.pids_limit = processes;
  return judged_resource_limits(options, identity);
}

std::string refusal(const std::optional<std::string>& memory,
                    const std::optional<std::string>& processes) {
  try {
    (void)judged(memory, processes);
  } catch (const Refusal& failure) {
    return failure.what();
  }
  return "none";
}

TEST(ResourceLimits, sizes_are_read_as_docker_and_as_people_write_them) {
  constexpr std::uint64_t kMebi = 1UL << 20U;
  EXPECT_EQ(judged("64m", {}).memory, 64 * kMebi);
  EXPECT_EQ(judged("64M", {}).memory, 64 * kMebi);
  EXPECT_EQ(judged("64MB", {}).memory, 64 * kMebi);
  EXPECT_EQ(judged("6g", {}).memory, 6144 * kMebi);
  EXPECT_EQ(judged("67108864", {}).memory, 64 * kMebi);
  EXPECT_EQ(judged("67108864b", {}).memory, 64 * kMebi);
  EXPECT_EQ(shown_memory(judged("6g", {})), "--memory-limit 6144M");
}

TEST(ResourceLimits, what_cannot_be_meant_is_refused_with_one_line) {
  EXPECT_THAT(refusal("much", {}), HasSubstr("--memory-limit \"much\""));
  for (const char* bad : {"-1g", "1.5g", "g", "0", "6t", " 6g"})
    EXPECT_THAT(refusal(bad, {}), HasSubstr("--memory-limit")) << bad;
  EXPECT_THAT(refusal("15m", {}), HasSubstr("below 16M"));
  for (const char* bad : {"0", "-1", "many", "5 ", "4194305"})
    EXPECT_THAT(refusal({}, bad), HasSubstr("--pids-limit")) << bad;
}

TEST(ResourceLimits, PROC_16_processes_are_limited_without_an_option_too) {
  const auto limits = judged({}, {});
  EXPECT_EQ(limits.processes, 4096U);
  EXPECT_FALSE(limits.processes_asked);
  EXPECT_FALSE(limits.memory);
  EXPECT_TRUE(judged({}, "50").processes_asked);
}

TEST(ResourceLimits, a_limit_of_the_user_namespace_binds_ordinary_users_alone) {
  EXPECT_TRUE(judged({}, "50", user(Mode::kRootless, 1001)).processes_by_rlimit);
  EXPECT_FALSE(judged({}, "50", user(Mode::kRootless, 0)).processes_by_rlimit);
  EXPECT_FALSE(judged({}, "50", user(Mode::kPrivileged, 1001)).processes_by_rlimit);
  EXPECT_TRUE(judged("1g", "50", user(Mode::kRootless, 1001)).for_cgroup().memory.has_value());
}

}  // namespace
}  // namespace awf::supervisor
