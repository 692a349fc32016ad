#include "awf/log_place.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LogPlace : public testing::Test {
 protected:
  LogPlace() {
    std::string pattern = fs::temp_directory_path() / "awf-log-place-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = fs::canonical(pattern);
    fs::create_directories(root_ + "/work");
    fs::create_directories(root_ + "/elsewhere");
  }
  ~LogPlace() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  LogPlace(const LogPlace&) = delete;
  LogPlace& operator=(const LogPlace&) = delete;

  // The audit directory as judged, or the refusal.
  std::string judged(const std::string& directory, Mode mode = Mode::kRootless) {
    config_.identity.mode = mode;
    config_.workspace = root_ + "/work";
    config_.audit_directory = directory;
    try {
      judge_log_places(config_);
    } catch (const std::exception& failure) {
      return std::string("refused: ") + failure.what();
    }
    return *config_.audit_directory;
  }

  static RunConfig configured() {
    Options options;
    options.command = {"true"};
    return configure(options, [](const std::string&) { return std::nullopt; });
  }

  std::string root_;
  RunConfig config_ = configured();
};

TEST_F(LogPlace, FS_06_a_directory_is_known_by_its_canonical_path) {
  fs::create_symlink(root_ + "/work", root_ + "/name");
  EXPECT_EQ(judged(root_ + "/name/logs"), root_ + "/work/logs");
  EXPECT_EQ(judged(root_ + "/elsewhere/../work/./a/b/"), root_ + "/work/a/b");
  EXPECT_EQ(judged(root_ + "/elsewhere"), root_ + "/elsewhere");
}

TEST_F(LogPlace, FS_06_FS_10_no_link_that_a_command_could_have_made_leads_to_the_logs) {
  fs::create_directory_symlink(root_ + "/elsewhere", root_ + "/work/logs");
  EXPECT_THAT(judged(root_ + "/work/logs"), HasSubstr("name the directory itself"));
  EXPECT_THAT(judged(root_ + "/work/logs/deeper"), HasSubstr("work/logs"));
  fs::create_directory_symlink("/", root_ + "/elsewhere/loop");
  EXPECT_EQ(judged(root_ + "/elsewhere/loop/x-awf-none"), "/x-awf-none");
}

TEST_F(LogPlace, FS_10_in_privileged_mode_only_links_of_root_are_followed) {
  EXPECT_EQ(judged("/bin/awf-none", Mode::kPrivileged), "/usr/bin/awf-none");
  fs::create_directory_symlink(root_ + "/elsewhere", root_ + "/mine");
  if (::geteuid() == 0) {
    ASSERT_EQ(::lchown((root_ + "/mine").c_str(), 12345, 12345), 0);
  }
  EXPECT_EQ(judged(root_ + "/mine/x", Mode::kRootless), root_ + "/elsewhere/x");
  EXPECT_THAT(judged(root_ + "/mine/x", Mode::kPrivileged), HasSubstr("refused"));
}

TEST_F(LogPlace, FS_06_what_the_command_can_replace_is_refused_with_what_to_do) {
  EXPECT_THAT(judged(root_ + "/work"), HasSubstr("name a directory below it"));
  config_.mounts = {root_ + "/elsewhere:/data:rw"};
  EXPECT_THAT(judged(root_ + "/elsewhere"), HasSubstr("refused"));
  config_.mounts = {root_ + "/elsewhere/audit.jsonl:/data:rw"};
  EXPECT_THAT(judged(root_ + "/elsewhere"), HasSubstr("refused"));
  config_.mounts = {root_ + "/elsewhere:/data:ro"};
  EXPECT_EQ(judged(root_ + "/elsewhere"), root_ + "/elsewhere");
  std::ofstream(root_ + "/file") << "x";
  EXPECT_THAT(judged(root_ + "/file/logs"), HasSubstr("is no directory"));
}

TEST_F(LogPlace, FS_10_a_planted_link_is_found_behind_a_link_that_is_trusted) {
  fs::create_directory_symlink(root_ + "/work", root_ + "/trusted");
  std::ofstream(root_ + "/work/real") << "x";
  fs::create_symlink(root_ + "/elsewhere", root_ + "/work/planted");
  const std::vector<WritableArea> areas = {{root_ + "/work", "/w"}};
  EXPECT_NO_THROW(refuse_planted_links("--mount", root_ + "/trusted/real", areas));
  EXPECT_THROW(refuse_planted_links("--mount", root_ + "/work/planted", areas), Refusal);
  EXPECT_THROW(refuse_planted_links("--mount", root_ + "/trusted/planted/x", areas), Refusal);
}

TEST(LogGuard, FS_06_logs_in_the_workspace_are_hidden_and_what_is_between_cannot_be_renamed) {
  RunConfig config = [] {
    Options options;
    options.command = {"true"};
    return configure(options, [](const std::string&) { return std::nullopt; });
  }();
  config.workspace = "/w";
  EXPECT_THAT(mounts_and_log_guard(config), IsEmpty());
  config.audit_directory = "/w/logs";
  EXPECT_THAT(mounts_and_log_guard(config), ElementsAre("--hide", "/w/logs"));
  config.audit_directory = "/w/a/b/audit";
  config.proxy_logs_directory = "/w/a/b/proxy";
  config.mounts = {"/w/a/x:/w/a/x:ro"};
  EXPECT_THAT(mounts_and_log_guard(config),
              ElementsAre("--mount", "/w/a:/w/a:rw", "--mount", "/w/a/b:/w/a/b:rw", "--mount",
                          "/w/a/x:/w/a/x:ro", "--hide", "/w/a/b/audit", "--hide", "/w/a/b/proxy"));
}

TEST(LogGuard, FS_06_the_same_holds_below_mounts_and_the_shared_directory_and_files_elsewhere) {
  RunConfig config = [] {
    Options options;
    options.command = {"true"};
    return configure(options, [](const std::string&) { return std::nullopt; });
  }();
  config.workspace = "/w";
  config.mounts = {"/data:/d:rw"};
  config.audit_directory = "/data/job/audit";
  EXPECT_THAT(mounts_and_log_guard(config),
              ElementsAre("--mount", "/data:/d:rw", "--mount", "/data/job:/d/job:rw", "--hide",
                          "/data/job/audit"));
  config.mounts = {};
  config.audit_directory = "/tmp/gh-aw/sandbox/logs";
  EXPECT_THAT(mounts_and_log_guard(config),
              ElementsAre("--mount", "/tmp/gh-aw/sandbox:/tmp/gh-aw/sandbox:rw", "--hide",
                          "/tmp/gh-aw/sandbox/logs"));
  config.audit_directory = "/var/log";
  EXPECT_THAT(
      mounts_and_log_guard(config),
      ElementsAre("--hide", "/var/log/audit.jsonl", "--hide", "/var/log/access.log", "--hide",
                  "/var/log/policy-manifest.json", "--hide", "/var/log/workspace.json"));
}

}  // namespace
}  // namespace awf::supervisor
