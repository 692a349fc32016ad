// The attack: the command changes what AWF, or the machine, uses outside the sandbox afterwards:
// AWF's own programs when they lie where the command may write (as in a checkout that was built in
// place), and the device files that it shares with the machine. The layers that must stop it: awf
// gives up or refuses such a workspace, and devices are mounted read-only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attack.hpp"
#include "support/awf_run.hpp"

namespace awf::attack {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;
using testing::HasSubstr;

class OwnFilesAttack : public testing::TestWithParam<Caller> {
 protected:
  // The programs as a build in the workspace would leave them: the runner's own.
  void SetUp() override {
    const auto made = world.run_in_machine(
        {"/bin/bash", "-c",
         "mkdir build && cp /opt/awf/bin/awf /opt/awf/bin/awf-* build/ && chown -R 33:33 build"});
    ASSERT_EQ(made.exit_code, 0) << made;
  }
  CommandResult run_own(std::vector<std::string> words,
                        const std::vector<std::string>& environment = {}) {
    RunOptions options;
    options.caller = GetParam();
    options.environment = environment;
    words.insert(words.begin(), std::string(test_world::kWorkspace) + "/build/awf");
    return world.run_in_machine(words, options);
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, OwnFilesAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const testing::TestParamInfo<Caller>& tested) {
                           return test_world::name_of(tested.param);
                         });

constexpr const char* kReplace =
    "echo '#!/bin/sh' > build/new && mv build/new build/awf-egress-proxy; "
    "mv build away && mkdir build; echo tried";

TEST_P(OwnFilesAttack, FS_06_a_guessed_workspace_that_holds_the_programs_is_not_writable) {
  const auto result = run_own({"--", kReplace});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("tried"));
  EXPECT_THAT(result.errors, HasSubstr("AWF's own programs"));
  const auto after = world.run_in_machine(
      {"/usr/bin/cmp", "build/awf-egress-proxy", "/opt/awf/bin/awf-egress-proxy"});
  EXPECT_EQ(after.exit_code, 0) << after;
}

// A link that an earlier command left in the workspace must not lead a mount over what the chain
// executes next with all of its authority.
TEST_P(OwnFilesAttack, FS_06_FS_10_a_link_planted_as_mount_target_does_not_replace_the_programs) {
  const auto planted =
      world.run_in_machine({"/bin/bash", "-c",
                            "mkdir evil && echo '#!/bin/sh' > evil/awf-exit-relay && echo 'id > "
                            "ran' >> evil/awf-exit-relay && chmod 755 "
                            "evil/awf-exit-relay && ln -s /run/awf/bin data && ln -s / root && "
                            "chown -hR 33:33 evil data"});
  ASSERT_EQ(planted.exit_code, 0) << planted;
  const std::string workspace = test_world::kWorkspace;
  RunOptions options;
  options.caller = GetParam();
  for (const std::string& target :
       {workspace + "/data", workspace + "/data/more", workspace + "/root/run/awf/bin",
        std::string("/var/run/awf/bin")}) {
    const auto result =
        world.run_awf({"--mount", workspace + "/evil:" + target, "--", "true"}, options);
    EXPECT_EQ(result.exit_code, 125) << target << result;
    EXPECT_THAT(result.errors, HasSubstr("symbolic link")) << target;
  }
  EXPECT_EQ(world.file(workspace + "/ran"), std::nullopt);
}

// Nor lead a mount to a credential that the user never named.
TEST_P(OwnFilesAttack, FS_01_FS_10_a_link_planted_as_mount_source_shows_nothing) {
  world.plant_file("/home/runner/.aws/credentials", "PLANTED");
  const auto planted = world.run_in_machine(
      {"/bin/bash", "-c",
       "ln -s /home/runner/.aws artifacts; ln -s .aws /home/runner/p; chown -h 33:33 artifacts"});
  ASSERT_EQ(planted.exit_code, 0) << planted;
  const std::string artifacts = std::string(test_world::kWorkspace) + "/artifacts";
  RunOptions options;
  options.caller = GetParam();
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"--mount", artifacts + ":/tmp/data"},
                                             {"--mount", artifacts + "/credentials:/tmp/file:ro"},
                                             {"--show", artifacts + "/credentials"}}) {
    auto all = words;
    all.insert(all.end(), {"--", "cat /tmp/data/* /tmp/file /home/runner/.aws/*"});
    const auto result = world.run_awf(all, options);
    EXPECT_EQ(result.exit_code, 125) << words[1] << result;
    EXPECT_THAT(result.errors, HasSubstr("symbolic link")) << words[1];
    EXPECT_THAT(result.output, testing::Not(HasSubstr("PLANTED")));
  }
}

TEST_P(OwnFilesAttack, FS_06_programs_in_the_shared_directory_are_refused) {
  const auto copied = world.run_in_machine({"/bin/bash", "-c",
                                            "mkdir -p /tmp/gh-aw/tool && cp -r /opt/awf/bin "
                                            "/tmp/gh-aw/tool/ && chown -R $0 /tmp/gh-aw",
                                            // The directory of another user is not shown at all.
                                            GetParam() == Caller::kRoot ? "0:0" : "33:33"});
  ASSERT_EQ(copied.exit_code, 0) << copied;
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_in_machine({"/tmp/gh-aw/tool/bin/awf", "--", "true"}, options);
  EXPECT_EQ(result.exit_code, 125) << result;
  EXPECT_THAT(result.errors, HasSubstr("AWF's own programs"));
}

TEST_P(OwnFilesAttack, FS_06_a_named_workspace_and_a_mount_that_hold_them_are_refused) {
  const std::string workspace = test_world::kWorkspace;
  const auto named = run_own({"--", kReplace}, {"GITHUB_WORKSPACE=" + workspace});
  EXPECT_EQ(named.exit_code, 125) << named;
  EXPECT_THAT(named.errors, HasSubstr("AWF's own programs"));
  const auto mounted = run_own({"--mount", workspace + ":" + workspace, "--", kReplace});
  EXPECT_EQ(mounted.exit_code, 125) << mounted;
  const auto read_only = run_own({"--mount", workspace + ":" + workspace + ":ro", "--", "true"});
  EXPECT_EQ(read_only.exit_code, 0) << read_only;
}

// The mode is the one that it has: a failure of this test changes nothing of the machine.
TEST_P(OwnFilesAttack, FS_11_device_files_of_the_machine_cannot_be_changed_but_work) {
  RunOptions options;
  options.caller = GetParam();
  const auto result = world.run_awf({"--",
                                     "chmod 666 /dev/full 2>&1 | grep -c 'Read-only file system'; "
                                     "echo x >/dev/null && head -c 3 /dev/zero | wc -c; "
                                     "echo x 2>/dev/null >/dev/full || echo full"},
                                    options);
  EXPECT_EQ(result.output, "1\n3\nfull\n") << result;
}

}  // namespace
}  // namespace awf::attack
