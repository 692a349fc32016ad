// workspace.json: secrets that lie in the workspace, and what the command changed that runs
// outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using nlohmann::json;
using test_world::Caller;
using test_world::CommandResult;
using test_world::kAuditDirectory;
using test_world::kWorkspace;
using test_world::RunOptions;
using test_world::World;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Put together here, so that no scanner takes this file for a leak.
std::string token(const std::string& prefix) {
  return prefix + "PLANTED" + std::string(40, '7');
}

class WorkspaceReport : public testing::TestWithParam<Caller> {
 protected:
  CommandResult run(const std::string& line,
                    std::vector<std::string> words = {"--audit-dir", kAuditDirectory}) {
    RunOptions options;
    options.caller = GetParam();
    // Root without capabilities can change what is its own alone.
    if (GetParam() == Caller::kRoot) (void)world.run_in_machine({"/bin/chown", "-R", "0:0", "."});
    words.insert(words.end(), {"--", line});
    return world.run_awf(words, options);
  }
  void plant(const std::string& path, const std::string& content) {
    world.plant_file(std::string(kWorkspace) + "/" + path, content);
  }
  json report() {
    const auto text = world.file(std::string(kAuditDirectory) + "/workspace.json");
    return text ? json::parse(*text) : json();
  }
  std::vector<std::string> changes() {
    std::vector<std::string> list;
    const json found = report();
    for (const auto& change : found["changedExecutables"]) {
      list.push_back(change["change"].get<std::string>() + " " + change["path"].get<std::string>());
    }
    return list;
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, WorkspaceReport,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const testing::TestParamInfo<Caller>& tested) {
                           return test_world::name_of(tested.param);
                         });

TEST_P(WorkspaceReport, S4_E4_files_with_secrets_are_told_by_path_and_kind_and_never_by_value) {
  plant("deploy/.env", "A=" + token("ghp_") + "\nB=" + token("sk-ant-") + "\n");
  plant("key.pem", std::string("-----BEGIN RSA ") + "PRIVATE KEY-----\n" + token("MII") + "\n");
  plant("README", "nothing to see\n");
  const auto result = run("true");
  EXPECT_EQ(result.exit_code, 0) << result;
  const auto found = report();
  EXPECT_EQ(found["schema"], "awf-workspace/1");
  EXPECT_EQ(found["complete"], true);
  EXPECT_EQ(found["secretScan"]["complete"], true);
  ASSERT_EQ(found["secrets"].size(), 2U) << found;
  EXPECT_EQ(found["secrets"][0]["path"], "key.pem");
  EXPECT_EQ(found["secrets"][0]["kinds"], json::array({"private-key"}));
  EXPECT_EQ(found["secrets"][1]["path"], "deploy/.env");
  EXPECT_EQ(found["secrets"][1]["kinds"], json::array({"github-token", "anthropic-key"}));
  EXPECT_THAT(found.dump(), Not(HasSubstr("PLANTED")));
  EXPECT_THAT(result.errors, HasSubstr("2 file(s) in the workspace hold what looks like a secret"));
  EXPECT_THAT(result.errors, Not(HasSubstr("PLANTED")));
}

TEST_P(WorkspaceReport, FS_05_what_the_command_planted_for_later_is_told) {
  plant("package.json", R"({"name":"x","scripts":{"test":"true"}})");
  plant("Makefile", "all:\n");
  const auto result = run(
      "mkdir -p .git/hooks .github/workflows .vscode; echo '#!/bin/sh' >.git/hooks/post-checkout; "
      "printf '[core]\\n\\tfsmonitor = ./evil\\n' >.git/config; echo x "
      ">.github/workflows/evil.yml; "
      "echo '{}' >.vscode/tasks.json; sed -i 's/\"true\"/\"evil\"/' package.json; rm Makefile; "
      "ln -s /etc/passwd .envrc; echo 'int x;' >main.c; false");
  EXPECT_EQ(result.exit_code, 1) << result;
  EXPECT_THAT(changes(),
              ElementsAre("added .envrc", "added .git/config", "added .git/hooks/post-checkout",
                          "added .github/workflows/evil.yml", "added .vscode/tasks.json",
                          "removed Makefile", "changed package.json"));
  EXPECT_THAT(result.errors, HasSubstr("changed 7 file(s) that run outside the sandbox later"));
}

TEST_P(WorkspaceReport, FS_05_an_ordinary_run_has_nothing_to_tell) {
  plant("package.json", R"({"scripts":{"test":"true"}})");
  const auto result = run("echo x >src.c; mkdir -p node_modules/a && echo x >node_modules/a/i.js");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(report()["secrets"], IsEmpty());
  EXPECT_THAT(result.errors, Not(HasSubstr("run outside")));
}

TEST_P(WorkspaceReport, FS_05_without_a_directory_for_it_the_change_is_told_all_the_same) {
  const auto result = run("echo evil >Makefile", {});
  EXPECT_THAT(result.errors, HasSubstr("\"Makefile\"")) << result;
  EXPECT_THAT(result.errors, HasSubstr("--audit-dir"));
}

TEST_P(WorkspaceReport, FS_10_links_and_pipes_that_the_command_leaves_hold_nobody_up) {
  const auto result = run(
      "mkfifo Makefile pipe; ln -s / .github; ln -s loop loop; ln -s /etc/shadow .gitmodules; "
      "ln -s /proc/self/environ .envrc; mkdir .git && mkfifo .git/config && ln -s / .git/hooks");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(changes(), ElementsAre("added .envrc", "added .git/hooks", "added .github",
                                     "added .gitmodules"));
}

TEST_P(WorkspaceReport, FS_05_killed_with_awf_the_report_says_that_it_is_none) {
  RunOptions options;
  options.caller = GetParam();
  auto run = world.spawn_awf(
      {"--audit-dir", kAuditDirectory, "--", "echo evil >Makefile; echo started; sleep 1000"},
      options);
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  run.signal(SIGKILL);
  (void)run.finish();
  ASSERT_TRUE(world.all_processes_end());
  EXPECT_EQ(report()["complete"], false);
}

TEST_P(WorkspaceReport, the_plan_shows_what_is_watched_and_how_git_is_shown) {
  RunOptions options;
  options.caller = GetParam();
  const auto plan = world.run_awf({"plan", "--audit-dir", kAuditDirectory, "--", "true"}, options);
  EXPECT_EQ(plan.exit_code, 0) << plan;
  EXPECT_THAT(plan.output, HasSubstr("workspace, before and after:"));
  EXPECT_THAT(plan.output, HasSubstr("awf-workspace --control-fd 3 --report-fd 4 --directory " +
                                     std::string(kWorkspace)));
  EXPECT_FALSE(world.file(std::string(kAuditDirectory) + "/workspace.json").has_value());
}

}  // namespace
}  // namespace awf::integration
