// Where a run's cgroup goes in the unified hierarchy, on a directory tree that looks like one.
#include "awf/run_cgroup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunCgroupTree : public testing::Test {
 protected:
  void SetUp() override { verify(::mkdtemp(top_.data()) != nullptr, "a directory was made"); }
  void TearDown() override { fs::remove_all(top_); }
  void add(const std::string& directory, const std::string& handed_down) const {
    fs::create_directories(top_ + directory);
    std::ofstream(top_ + directory + "/cgroup.subtree_control") << handed_down << '\n';
  }
  [[nodiscard]] std::string parent_for(const std::string& own,
                                       const std::vector<std::string>& controllers) const {
    return find_unified_parent({top_, top_ + own}, controllers).substr(top_.size());
  }
  std::string top_ = "/tmp/awf-cgroup-XXXXXX";
};

TEST_F(RunCgroupTree, the_nearest_directory_that_hands_the_controllers_down_is_taken) {
  add("", "cpu memory pids");
  add("/system.slice", "memory pids");
  add("/system.slice/runner.service", "");
  EXPECT_EQ(parent_for("/system.slice/runner.service", {"memory", "pids"}), "/system.slice");
  EXPECT_EQ(parent_for("/system.slice/runner.service", {"pids"}), "/system.slice");
  EXPECT_EQ(parent_for("/system.slice/runner.service", {"cpu"}), "");
}

TEST_F(RunCgroupTree, a_directory_of_our_own_that_hands_them_down_is_taken_too) {
  add("", "memory");
  add("/mine", "memory pids");
  EXPECT_EQ(parent_for("/mine", {"pids"}), "/mine");
}

TEST_F(RunCgroupTree, the_top_is_asked_for_what_nobody_hands_down) {
  add("", "");
  add("/a", "");
  EXPECT_EQ(parent_for("/a", {"pids"}), "");
  EXPECT_EQ(read_file(top_ + "/cgroup.subtree_control", 100), "+pids");
}

TEST_F(RunCgroupTree, what_may_not_be_written_is_a_refusal_with_the_remedy) {
  // A file that not even root can write.
  fs::create_symlink("/proc/version", top_ + "/cgroup.subtree_control");
  try {
    (void)parent_for("", {"memory"});
    FAIL();
  } catch (const Refusal& refusal) {
    EXPECT_THAT(refusal.what(), HasSubstr("systemd-run --user --scope -p Delegate=yes awf"));
  }
}

TEST_F(RunCgroupTree, RUN_03_only_empty_directories_of_ours_that_nobody_holds_are_reclaimed) {
  const auto exists = [&](const char* name) { return fs::exists(top_ + "/" + name); };
  for (const char* name : {"awf-1-stale", "awf-2-used", "other-3"})
    fs::create_directory(top_ + "/" + name);
  fs::create_directory(top_ + "/awf-2-used/child");
  reclaim_stale(top_);
  EXPECT_FALSE(exists("awf-1-stale"));
  EXPECT_TRUE(exists("awf-2-used"));
  EXPECT_TRUE(exists("other-3"));
  reclaim_stale(top_ + "/no-such-directory");
}

}  // namespace
}  // namespace awf::supervisor
