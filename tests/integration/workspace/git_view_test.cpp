// Git in the workspace: its configuration without credentials, which neither it nor hooks can be
// changed, and its work as always.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::RunOptions;
using test_world::World;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSecret = "PLANTEDs3cr3tPLANTED";

// A checkout as actions/checkout leaves it, of v4 and of v6, with a submodule, a worktree and a
// second checkout below, each with a credential.
constexpr const char* kCheckout = R"(
set -eu
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=n@example.org
export GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@example.org
git init -q -b main . && echo one >file && git add . && git commit -qm first && git branch side
mkdir -p tools/x && git init -q -b main tools/x && git -C tools/x commit -q --allow-empty -m first
git -c protocol.file.allow=always submodule --quiet add "$PWD/tools/x" libs/sub
printf 'tools\nwt\n' >.git/info/exclude
git commit -qm second
git worktree add -q wt side
git config extensions.worktreeConfig true
git config --worktree core.longpaths false
for d in . tools/x libs/sub wt; do
  git -C $d config --local http.https://github.com/.extraheader "AUTHORIZATION: basic $1"
  git -C $d config --local url."https://u:$1@example.net/".insteadOf https://example.net/
done
git -C wt config --worktree http.proxy "http://u:$1@proxy:3128"
git config includeIf."gitdir:$PWD/.git".path /home/runner/work/_temp/git-credentials-1.config
git config credential.helper "!echo password=$1"
git remote add origin "https://x-access-token:$1@github.com/org/repo.git"
git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
)";

class GitView : public testing::TestWithParam<Caller> {
 protected:
  CommandResult on_machine(const std::string& script) {
    RunOptions options;
    options.caller = GetParam() == Caller::kRoot ? Caller::kRoot : Caller::kRootless;
    return world.run_in_machine({"/bin/bash", "-c", script, "bash", kSecret}, options);
  }
  void check_out() {
    const auto made = on_machine(kCheckout);
    ASSERT_EQ(made.exit_code, 0) << made;
  }
  CommandResult run(const std::string& line, std::vector<std::string> words = {}) {
    RunOptions options;
    options.caller = GetParam();
    for (const auto* variable : {"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
                                 "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org"}) {
      words.insert(words.end(), {"--env", variable});
    }
    words.insert(words.end(), {"--", line});
    return world.run_awf(words, options);
  }
  // Every file of git's own that may not change.
  std::string fingerprint() {
    return on_machine(
               "find . \\( -name config -o -name config.worktree -o -name commondir -o -path "
               "'*/hooks/*' \\) -path '*.git*' -type f | sort | xargs sha256sum; "
               "cat wt/.git libs/sub/.git; find . -name hooks -type d | sort")
        .output;
  }
  // Root without capabilities can change what is its own alone.
  void SetUp() override {
    if (GetParam() == Caller::kRoot) (void)world.run_in_machine({"/bin/chown", "0:0", "."});
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, GitView,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const testing::TestParamInfo<Caller>& tested) {
                           return test_world::name_of(tested.param);
                         });

TEST_P(GitView, FS_02_no_credential_of_a_checkout_can_be_read_by_any_path) {
  check_out();
  const auto before = fingerprint();
  const std::string workspace = test_world::kWorkspace;
  const auto result =
      run("grep -rlI PLANTED . /tmp/data /tmp/ro /tmp/g /proc/self/root" + workspace +
              " /proc/self/cwd/ 2>/dev/null; git config --list; "
              "git -C wt config --list; git -C libs/sub config --list; "
              "cp .git/config copied; cat copied; rm copied; echo looked",
          {"--mount", workspace + ":/tmp/data", "--mount", workspace + ":/tmp/ro:ro", "--mount",
           workspace + "/.git:/tmp/g"});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("looked"));
  EXPECT_THAT(result.output, HasSubstr("remote.origin.url=https://github.com/org/repo.git"));
  EXPECT_THAT(result.output, Not(HasSubstr("PLANTED")));
  EXPECT_THAT(result.output, Not(HasSubstr(".git/config")));
  EXPECT_THAT(result.output, Not(HasSubstr("/tmp/g/")));
  EXPECT_THAT(result.output, Not(HasSubstr("git-credentials")));
  EXPECT_EQ(fingerprint(), before);
}

// As a command before this one may have left it.
TEST_P(GitView, FS_02_no_part_that_a_submodule_lacks_or_has_at_its_side_shows_its_credential) {
  check_out();
  const auto without_head = on_machine("rm -r .git/modules/libs/sub/HEAD libs/sub");
  ASSERT_EQ(without_head.exit_code, 0) << without_head;
  const char* look = "grep -rlI PLANTED .git; echo looked";
  EXPECT_EQ(run(look).output, "looked\n");
  const auto beside = on_machine("echo 'ref: refs/heads/x' >.git/modules/libs/HEAD");
  ASSERT_EQ(beside.exit_code, 0) << beside;
  EXPECT_EQ(run(look).output, "looked\n");
}

TEST_P(GitView, FS_02_from_a_directory_below_the_repository_its_configuration_is_as_clean) {
  check_out();
  RunOptions options;
  options.caller = GetParam();
  options.directory = std::string(test_world::kWorkspace) + "/tools";
  const auto result =
      world.run_awf({"--", "cat ../.git/config x/.git/config; echo looked"}, options);
  EXPECT_THAT(result.output, HasSubstr("looked")) << result;
  EXPECT_THAT(result.output, HasSubstr("github.com/org/repo.git"));
  EXPECT_THAT(result.output, Not(HasSubstr("PLANTED")));
}

TEST_P(GitView, FS_02_git_works_without_them) {
  check_out();
  const auto result =
      run("set -eu; git status --short; echo two >>file; git commit -qam third; "
          "git branch work; git switch -qc feature; echo three >file; git stash -q; "
          "git stash pop -q; git commit -qam fourth; git rebase -q main; git tag v1; "
          "git worktree add -q /tmp/w2 work; git worktree remove /tmp/w2; git gc -q; "
          "git -C wt commit -q --allow-empty -m x; git -C libs/sub log --oneline | wc -l; "
          "git submodule --quiet foreach 'git status --short'; git fetch -q origin; "
          "git log -1 --format=%s origin/main; git diff --stat main feature | wc -l",
          {"--allow-domains", "github.com"});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(
      on_machine("git log --format=%s -1 feature; git fsck 2>&1; git status --short").output,
      HasSubstr("fourth"));
}

// One after the other, each by itself, as a command that wants to run outside would.
constexpr const char* kPlant = R"sh(
for d in .git .git/modules/libs/sub tools/x/.git /tmp/data/.git /tmp/g; do
  echo evil >$d/hooks/pre-commit; echo evil >>$d/config; echo evil >$d/new && mv $d/new $d/config
  rm -f $d/config; rm -rf $d/hooks; mv $d/hooks $d/old; mkdir $d/hooks; echo evil >$d/hooks/post-commit
  ln -sf /tmp/evil $d/config; mv $d $d.moved; truncate -s 0 $d/config; chmod 777 $d/config
  python3 -c "import os, sys; os.rename(sys.argv[1] + '/config', sys.argv[1] + '/c2')" $d
done
git config core.fsmonitor ./evil; git config --worktree core.hooksPath evil
git -C wt config --worktree core.fsmonitor ./evil; git -C libs/sub config core.fsmonitor ./evil
echo ../evil >.git/worktrees/wt/commondir; mv .git/modules/libs .git/modules/l; mv .git/modules .git/m
echo 'gitdir: /tmp/evil' >wt/.git; rm -f wt/.git libs/sub/.git; mv wt/.git wt/g; echo tried
)sh";

TEST_P(GitView, FS_05_neither_configuration_nor_hooks_can_be_changed_or_replaced) {
  check_out();
  const auto before = fingerprint();
  ASSERT_THAT(before, HasSubstr("hooks"));
  const std::string workspace = test_world::kWorkspace;
  const auto result =
      run(kPlant, {"--mount", workspace + ":/tmp/data", "--mount", workspace + "/.git:/tmp/g"});
  EXPECT_THAT(result.output, HasSubstr("tried")) << result;
  // Compared here, since a difference of the whole is more than anybody reads.
  EXPECT_TRUE(fingerprint() == before) << result;
  EXPECT_THAT(on_machine("ls -A .git .git/modules tools/x | grep -E 'moved|old|^m$|^l$'").output,
              IsEmpty());
}

// It cannot be covered, since it is not there, so it is gone when the command is.
TEST_P(GitView, FS_05_git_is_not_led_to_another_directory) {
  check_out();
  const auto result =
      run("mkdir -p evil/hooks && cp -r .git/refs .git/objects evil/ && "
          "printf '[core]\n\tfsmonitor = touch /home/runner/escaped\n' >evil/config && "
          "echo ../evil >.git/commondir && chmod 555 .git && echo planted");
  EXPECT_THAT(result.output, HasSubstr("planted")) << result;
  EXPECT_THAT(result.errors, HasSubstr(".git/commondir"));
  EXPECT_EQ(
      on_machine("git status --short >/dev/null; ls -d .git/commondir /home/runner/escaped").output,
      "");
}

TEST_P(GitView, FS_05_what_cannot_work_says_so) {
  check_out();
  const auto result = run("git config user.name x; git remote add other https://example.org/r");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.errors, HasSubstr("could not write config file .git/config")) << result;
}

TEST_P(GitView, FS_05_an_option_makes_them_changeable_if_there_is_nothing_to_hide) {
  const auto made = on_machine("git init -q -b main .");
  ASSERT_EQ(made.exit_code, 0) << made;
  const auto result = run("git config user.name inside && echo '#!/bin/sh' >.git/hooks/pre-push",
                          {"--allow-git-config"});
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(on_machine("git config user.name; ls .git/hooks/pre-push").output,
            "inside\n.git/hooks/pre-push\n");
  ASSERT_EQ(on_machine("git config http.extraheader \"$1\"").exit_code, 0);
  const auto refused = run("true", {"--allow-git-config"});
  EXPECT_EQ(refused.exit_code, 125) << refused;
  EXPECT_THAT(refused.errors, HasSubstr("persist-credentials"));
  EXPECT_THAT(refused.errors, Not(HasSubstr("PLANTED")));
}

TEST_P(GitView, FS_02_a_configuration_that_is_not_understood_is_shown_empty_and_a_link_refused) {
  const auto made =
      on_machine("git init -q . && printf '[core]\\n\\tx = \"%s\\n' \"$1\" >.git/config");
  ASSERT_EQ(made.exit_code, 0) << made;
  const auto result = run("wc -c <.git/config");
  EXPECT_EQ(result.output, "0\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("line 3 is not understood"));
  EXPECT_THAT(result.errors, Not(HasSubstr("PLANTED")));
  ASSERT_EQ(on_machine("ln -sf /etc/shadow .git/config").exit_code, 0);
  const auto refused = run("cat .git/config");
  EXPECT_EQ(refused.exit_code, 125) << refused;
  EXPECT_THAT(refused.errors, HasSubstr("symbolic link"));
}

}  // namespace
}  // namespace awf::integration
