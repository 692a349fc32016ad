#include "workspace/snapshot.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary_tree.hpp"
#include "workspace/redirection.hpp"

namespace awf::workspace {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uid_t kNobody = 65534;

class SnapshotTest : public TemporaryTree {
 protected:
  // What `act` changes, as "added PATH".
  template <typename Act>
  std::vector<std::string> changes_by(Act act) {
    const auto before = take_snapshot(top_.get(), root_);
    act();
    std::vector<std::string> changes;
    for (const auto& change : changes_between(before, take_snapshot(top_.get(), root_)))
      changes.push_back(std::string(change.what) + " " + change.path);
    return changes;
  }
};

TEST_F(SnapshotTest, FS_05_what_git_runs_is_watched_wherever_a_repository_lies) {
  plant(".git/HEAD", "ref: refs/heads/main\n");
  plant(".git/config", "[core]\n");
  plant(".git/hooks/pre-push", "#!/bin/sh\n");
  plant(".git/hooks/update.sample", "#!/bin/sh\n");
  plant(".git/modules/libs/foo/HEAD", "ref: x\n");
  plant("tools/x/.git/config", "[core]\n");
  EXPECT_THAT(
      changes_by([&] {
        plant(".git/config", "[core]\n\tfsmonitor = ./evil\n");
        plant(".git/hooks/pre-commit", "#!/bin/sh\nevil\n");
        fs::remove(root_ + "/.git/hooks/pre-push");
        plant(".git/hooks/update.sample", "not run\n");
        plant(".git/commondir", "../elsewhere\n");
        plant(".git/modules/libs/foo/config", "[core]\n");
        plant(".git/worktrees/w/config.worktree", "[core]\n");
        plant("tools/x/.git/config", "[core]\n\thooksPath = /x\n");
        plant("new/.git", "gitdir: ../evil\n");
      }),
      ElementsAre("added .git/commondir", "changed .git/config", "added .git/hooks/pre-commit",
                  "removed .git/hooks/pre-push", "added .git/modules/libs/foo/config",
                  "added .git/worktrees/w/config.worktree", "added new/.git",
                  "changed tools/x/.git/config"));
}

TEST_F(SnapshotTest, FS_05_an_ordinary_worktree_is_no_finding_and_one_that_leads_elsewhere_is) {
  plant(".git/HEAD", "ref: refs/heads/main\n");
  EXPECT_THAT(changes_by([&] {
                plant("w/.git", "gitdir: " + root_ + "/.git/worktrees/w\n");
                plant(".git/worktrees/w/commondir", "../..\n");
              }),
              IsEmpty());
  EXPECT_THAT(changes_by([&] {
                plant("w/.git", "gitdir: " + root_ + "/.git/worktrees/../../evil\n");
                plant(".git/worktrees/w/commondir", "../../../evil\n");
              }),
              ElementsAre("added .git/worktrees/w/commondir", "added w/.git"));
}

TEST_F(SnapshotTest, FS_05_what_others_run_is_watched) {
  plant("Makefile", "all:\n");
  plant(".github/workflows/ci.yml", "on: push\n");
  EXPECT_THAT(
      changes_by([&] {
        plant("Makefile", "all:\n\tevil\n");
        plant(".github/workflows/deep/er.yml", "on: push\n");
        plant(".vscode/tasks.json", "{}");
        plant(".envrc", "evil\n");
        plant(".husky/pre-commit", "evil\n");
        plant("src/main.c", "int main() {}\n");
      }),
      ElementsAre("added .envrc", "added .github/workflows/deep/er.yml", "added .husky/pre-commit",
                  "added .vscode/tasks.json", "changed Makefile"));
}

TEST_F(SnapshotTest, FS_05_what_would_lead_git_to_another_configuration_is_removed_and_no_more) {
  plant(".git/HEAD", "ref: x\n");
  plant(".git/modules/a/HEAD", "ref: x\n");
  plant("old/.git/commondir", "..\n");
  const auto before = take_snapshot(top_.get(), root_);
  plant(".git/commondir", "../evil\n");
  plant(".git/modules/a/commondir", "../evil\n");
  plant(".git/worktrees/w/commondir", "../../../evil\n");
  plant(".github/commondir", "x");
  auto changes = changes_between(before, take_snapshot(top_.get(), root_));
  remove_redirections(top_.get(), changes);
  std::vector<std::string> undone;
  for (const auto& change : changes)
    if (change.undone) undone.push_back(change.path);
  EXPECT_THAT(undone, ElementsAre(".git/commondir", ".git/modules/a/commondir"));
  for (const auto* gone : {"/.git/commondir", "/.git/modules/a/commondir"})
    EXPECT_FALSE(fs::exists(root_ + gone)) << gone;
  for (const auto* kept :
       {"/.git/worktrees/w/commondir", "/.github/commondir", "/old/.git/commondir"})
    EXPECT_TRUE(fs::exists(root_ + kept)) << kept;
}

TEST_F(SnapshotTest, FS_05_of_package_json_the_scripts_count) {
  plant("package.json", R"({"scripts": {"test": "jest"}, "dependencies": {}})");
  EXPECT_THAT(changes_by([&] {
                plant("package.json", R"({"dependencies":{"a":"1"},"scripts":{"test":"jest"}})");
              }),
              IsEmpty());
  EXPECT_THAT(changes_by([&] {
                plant("package.json", R"({"scripts":{"test":"jest","postinstall":"evil"}})");
              }),
              ElementsAre("changed package.json"));
}

TEST_F(SnapshotTest, FS_05_a_file_that_becomes_a_program_or_a_link_has_changed) {
  plant("gradlew", "x");
  plant(".envrc", "x");
  EXPECT_THAT(changes_by([&] {
                ASSERT_EQ(::chmod((root_ + "/gradlew").c_str(), 0755), 0);
                fs::remove(root_ + "/.envrc");
                link("/etc/passwd", ".envrc");
              }),
              ElementsAre("changed .envrc", "changed gradlew"));
}

TEST_F(SnapshotTest, FS_10_no_link_is_followed_and_no_pipe_waited_for) {
  plant("real/config", "[core]\n");
  link("real", ".git");
  link("/etc", ".github");
  ASSERT_EQ(::mkfifo((root_ + "/Makefile").c_str(), 0666), 0);
  const auto snapshot = take_snapshot(top_.get(), root_);
  EXPECT_EQ(snapshot.files.at(".git").essence, "link to real");
  EXPECT_EQ(snapshot.files.at(".github").essence, "link to /etc");
  EXPECT_EQ(snapshot.files.size(), 2U);
}

TEST_F(SnapshotTest, FS_05_nothing_done_is_nothing_changed_and_large_files_count_by_their_times) {
  plant(".github/big", std::string(300000, 'x'));
  plant(".github/small", "x");
  EXPECT_THAT(changes_by([] {}), IsEmpty());
  EXPECT_THAT(changes_by([&] {
                plant(".github/big", std::string(300000, 'y'));
                plant(".github/small", "x");
              }),
              ElementsAre("changed .github/big"));
}

TEST_F(SnapshotTest, FS_05_json_of_any_depth_is_compared) {
  const auto nested = [](std::size_t depth) {
    return R"({"scripts":{"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}}";
  };
  EXPECT_THAT(changes_by([&] { plant("package.json", nested(100000)); }),
              ElementsAre("added package.json"));
  EXPECT_THAT(changes_by([&] { plant("package.json", nested(100001)); }),
              ElementsAre("changed package.json"));
  plant("package.json", R"({"scripts":{"\"]":"[[["}})");
  EXPECT_EQ(take_snapshot(top_.get(), root_).files.at("package.json").essence,
            R"(file {"\"]":"[[["})");
}

TEST_F(SnapshotTest, FS_05_what_was_planted_in_a_directory_without_write_permission_is_removed) {
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(root_.c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);  // root may write everywhere
  }
  for (const mode_t mode : {0555U, 0111U}) {
    plant(".git/HEAD", "ref: x\n");
    const auto before = take_snapshot(top_.get(), root_);
    plant(".git/commondir", "../evil\n");
    EXPECT_EQ(::chmod((root_ + "/.git").c_str(), mode), 0);
    auto changes = changes_between(before, take_snapshot(top_.get(), root_));
    remove_redirections(top_.get(), changes);
    EXPECT_EQ(changes.size(), 1U) << std::oct << mode;
    EXPECT_FALSE(fs::exists(root_ + "/.git/commondir")) << std::oct << mode;
  }
  plant(".git/hooks/pre-commit", "evil");
  EXPECT_EQ(::chmod((root_ + "/.git/hooks").c_str(), 0111), 0);
  EXPECT_FALSE(take_snapshot(top_.get(), root_).complete);
  EXPECT_EQ(::chmod((root_ + "/.git/hooks").c_str(), 0755), 0);
  EXPECT_EQ(::seteuid(::getuid()), 0);
}

TEST_F(SnapshotTest, FS_05_a_submodule_is_known_by_any_of_its_parts) {
  plant(".git/HEAD", "ref: x\n");
  plant(".git/modules/a/config", "[core]\n");
  plant(".git/modules/libs/b/objects/pack/x", "");
  plant(".git/modules/c/HEAD", "ref: x\n");
  plant(".git/modules/c/d/HEAD", "ref: x\n");
  plant(".git/modules/c/modules/e/HEAD", "ref: x\n");
  EXPECT_THAT(changes_by([&] {
                plant(".git/modules/a/hooks/pre-commit", "evil");
                plant(".git/modules/libs/b/hooks/pre-commit", "evil");
                plant(".git/modules/c/d/hooks/pre-commit", "evil");
                plant(".git/modules/c/modules/e/hooks/pre-commit", "evil");
                plant(".git/modules/c/worktrees/w/HEAD", "ref: x\n");
                plant(".git/modules/c/worktrees/w/commondir", "../..\n");
              }),
              ElementsAre("added .git/modules/a/hooks/pre-commit",
                          "added .git/modules/c/d/hooks/pre-commit",
                          "added .git/modules/c/modules/e/hooks/pre-commit",
                          "added .git/modules/libs/b/hooks/pre-commit"));
}

TEST_F(SnapshotTest, FS_05_examples_of_hooks_push_no_hook_out) {
  // Many, since a file system lists them in an order of its own.
  for (int i = 0; i < 4200; ++i) {
    plant(".git/hooks/" + std::to_string(i) + ".sample", "");
    if (i < 400) plant(".git/hooks/" + std::to_string(i), "");
  }
  const auto snapshot = take_snapshot(top_.get(), root_);
  EXPECT_EQ(snapshot.files.size(), 400U);
  EXPECT_TRUE(snapshot.complete);
}

TEST_F(SnapshotTest, FS_05_more_directories_than_the_bound_are_said_wherever_they_lie) {
  fs::create_directories(root_ + "/.git");
  std::string place = root_ + "/many";
  for (int i = 0; i < 4200; ++i)
    fs::create_directories(place + "/" + std::to_string(i));
  for (const auto* name : {"/x", "/.github", "/.git/hooks", "/.git/worktrees", "/.git/modules"}) {
    fs::rename(place, root_ + name);
    place = root_ + name;
    EXPECT_FALSE(take_snapshot(top_.get(), root_).complete) << name;
  }
}

TEST_F(SnapshotTest, FS_05_more_submodules_than_the_bound_in_many_directories_are_said) {
  for (int i = 0; i < 4200; ++i)
    fs::create_directories(root_ + "/.git/modules/" + std::to_string(i % 70) + "/" +
                           std::to_string(i));
  EXPECT_FALSE(take_snapshot(top_.get(), root_).complete);
}

TEST_F(SnapshotTest, FS_05_more_than_the_bounds_allow_is_said) {
  EXPECT_TRUE(take_snapshot(top_.get(), root_).complete);
  for (int i = 0; i < 4200; ++i)
    plant(".github/" + std::to_string(i), "");
  EXPECT_FALSE(take_snapshot(top_.get(), root_).complete);
}

}  // namespace
}  // namespace awf::workspace
