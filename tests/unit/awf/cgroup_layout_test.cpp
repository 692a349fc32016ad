#include "awf/cgroup_layout.hpp"

#include <gtest/gtest.h>

namespace awf::supervisor {
namespace {

constexpr const char* kUnifiedMount =
    "35 24 0:29 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(CgroupLayout, a_machine_with_the_unified_hierarchy_alone) {
  const auto layout =
      parse_cgroup_layout(kUnifiedMount, "0::/system.slice/actions.runner.service\n");
  ASSERT_TRUE(layout.unified);
  EXPECT_EQ(layout.unified->top, "/sys/fs/cgroup");
  EXPECT_EQ(layout.unified->own, "/sys/fs/cgroup/system.slice/actions.runner.service");
  EXPECT_TRUE(layout.legacy.empty());
}

TEST(CgroupLayout, a_machine_with_both_kinds_side_by_side) {
  const auto layout = parse_cgroup_layout(
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "37 31 0:34 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "9:name=systemd:/a\n4:memory:/outer/with:colon\n1:cpu,cpuacct:/\n0::/\n");
  EXPECT_EQ(layout.legacy.at("memory"), "/sys/fs/cgroup/memory/outer/with:colon");
  EXPECT_EQ(layout.legacy.at("cpu"), "/sys/fs/cgroup/cpu,cpuacct");
  EXPECT_EQ(layout.legacy.at("name=systemd"), "/sys/fs/cgroup/systemd/a");
  EXPECT_EQ(layout.unified->own, "/sys/fs/cgroup/unified");
}

TEST(CgroupLayout, in_a_container_only_a_part_of_the_hierarchy_is_mounted) {
  const std::string part =
      "35 24 0:29 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
      "36 24 0:30 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n";
  const auto inside = parse_cgroup_layout(part, "5:pids:/docker/abc/x\n0::/docker/abc\n");
  EXPECT_EQ(inside.unified->own, "/sys/fs/cgroup");
  EXPECT_EQ(inside.legacy.at("pids"), "/sys/fs/cgroup/pids/x");
  const auto elsewhere = parse_cgroup_layout(part, "5:pids:/docker/abcd\n0::/docker\n");
  EXPECT_FALSE(elsewhere.unified);
  EXPECT_TRUE(elsewhere.legacy.empty());
}

TEST(CgroupLayout, a_cgroup_outside_of_our_cgroup_namespace_is_no_place) {
  EXPECT_FALSE(parse_cgroup_layout(kUnifiedMount, "0::/../other\n").unified);
}

TEST(CgroupLayout, broken_lines_are_passed_over) {
  const auto layout = parse_cgroup_layout("\n1 2 3\n- cgroup2 x y\n5 6 7:8 / /m rw - cgroup2\n",
                                          "0:\n::\nx\n0::\n");
  EXPECT_FALSE(layout.unified);
  EXPECT_TRUE(layout.legacy.empty());
}

}  // namespace
}  // namespace awf::supervisor
