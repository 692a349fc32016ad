#include "awf/run_logs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunLogsTest : public testing::Test {
 protected:
  RunLogsTest() {
    std::string pattern = fs::temp_directory_path() / "awf-run-logs-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = fs::canonical(pattern);
    config_.identity.mode = Mode::kRootless;
    config_.audit_directory = root_ + "/a/b";
  }
  ~RunLogsTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  RunLogsTest(const RunLogsTest&) = delete;
  RunLogsTest& operator=(const RunLogsTest&) = delete;

  std::string refusal() {
    try {
      (void)RunLogs::open(config_);
    } catch (const std::exception& failure) {
      return failure.what();
    }
    return "opened";
  }
  [[nodiscard]] std::string content(const std::string& path) const {
    std::ostringstream text;
    text << std::ifstream(root_ + path).rdbuf();
    return text.str();
  }

  static RunConfig configured() {
    Options options;
    options.command = {"true"};
    return configure(options, [](const std::string&) { return std::nullopt; });
  }
  std::string root_;
  RunConfig config_ = configured();
};

TEST_F(RunLogsTest, without_a_directory_nothing_is_left_on_disk) {
  config_.audit_directory.reset();
  const auto logs = RunLogs::open(config_);
  logs.write_manifest("{}");
  EXPECT_EQ(logs.workspace_report_fd(), -1);
  write_all(logs.audit_fd(), "line\n", "test");
  EXPECT_EQ(logs.audit_of_this_run(100), "line\n");
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(RunLogsTest, logs_grow_over_runs_and_reports_are_of_the_last_one) {
  for (const char* run : {"first", "second"}) {
    const auto logs = RunLogs::open(config_);
    logs.write_manifest(run);
    write_all(logs.audit_fd(), std::string(run) + "\n", "test");
    EXPECT_EQ(logs.audit_of_this_run(100), std::string(run) + "\n");
  }
  EXPECT_EQ(content("/a/b/audit.jsonl"), "first\nsecond\n");
  EXPECT_EQ(content("/a/b/policy-manifest.json"), "second");
}

TEST_F(RunLogsTest, FS_10_a_link_that_appeared_on_the_way_is_not_followed) {
  fs::create_directories(root_ + "/target");
  fs::create_directory_symlink(root_ + "/target", root_ + "/a");
  EXPECT_THAT(refusal(), HasSubstr("opening the log directory"));
  fs::remove(root_ + "/a");
  fs::create_directories(root_ + "/a");
  fs::create_directory_symlink(root_ + "/target", root_ + "/a/b");
  EXPECT_THAT(refusal(), HasSubstr("opening the log directory"));
  EXPECT_TRUE(fs::is_empty(root_ + "/target"));
}

TEST_F(RunLogsTest, FS_06_FS_10_what_was_planted_in_the_place_of_a_file_is_refused) {
  fs::create_directories(root_ + "/a/b");
  for (const char* name : {"audit.jsonl", "access.log", "policy-manifest.json", "workspace.json"}) {
    const std::string place = root_ + "/a/b/" + name;
    (void)fs::remove(place);
    fs::create_symlink(root_ + "/victim", place);
    EXPECT_THAT(refusal(), HasSubstr("opening the log")) << name;
    fs::remove(place);
    ASSERT_EQ(::mkfifo(place.c_str(), 0666), 0);
    EXPECT_THAT(refusal(), HasSubstr("not a file of its own")) << name;
    fs::remove(place);
    std::ofstream(root_ + "/victim") << "precious";
    fs::create_hard_link(root_ + "/victim", place);
    EXPECT_THAT(refusal(), HasSubstr("not a file of its own")) << name;
    fs::remove(place);
    EXPECT_EQ(content("/victim"), "precious");
    fs::remove(root_ + "/victim");
  }
}

TEST_F(RunLogsTest, FS_10_a_report_is_written_where_it_was_opened_whatever_lies_there_now) {
  {
    const auto logs = RunLogs::open(config_);
    fs::rename(root_ + "/a/b", root_ + "/a/moved");
    fs::create_directories(root_ + "/a/b");
    fs::create_symlink(root_ + "/victim", root_ + "/a/b/policy-manifest.json");
    logs.write_manifest("mine");
  }
  EXPECT_EQ(content("/a/moved/policy-manifest.json"), "mine");
  EXPECT_FALSE(fs::exists(root_ + "/victim"));
}

}  // namespace
}  // namespace awf::supervisor
