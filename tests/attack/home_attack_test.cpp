// The attack: a second home. HOME, the account's home and that of who called sudo can be three
// directories, and credentials lie in each. The layer that must stop it: awf names every home that
// it knows of to the file system view. And the options that open the home: no wider than they say.
#include <gmock/gmock.h>

#include <algorithm>

#include "attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;

class HomeAttack : public Attack {
 protected:
  // The account of the runner has another home than HOME says; both are in memory here.
  void SetUp() override {
    prepare(
        "mkdir -p /var/www && mount -t tmpfs -o mode=755 t /var/www && "
        "for h in /home/runner /var/www /root; do mkdir -p $h/.cache/tool $h/.aws && "
        "echo SECRET | tee $h/.netrc $h/.aws/credentials $h/.cache/.npmrc > $h/.npmrc; "
        "echo note > $h/note; done; chown -R 33:33 /home/runner /var/www");
  }
  void prepare(const std::string& script) {
    const auto made = world.run_in_machine({"/bin/bash", "-c", script});
    ASSERT_EQ(made.exit_code, 0) << made;
  }
  // Where the command's own home is: through sudo the account says it.
  static std::string home() { return GetParam() == Caller::kSudo ? "/var/www" : "/home/runner"; }

  void expect_refused(std::vector<std::string> words, const std::string& reason) {
    words.insert(words.end(), {"--log-level", "error", "--", "echo run"});
    const auto result = run(words);
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(reason));
    // A program of the chain gives the reason, and then awf says that it was for nothing.
    const bool in_chain = result.errors.rfind("awf-", 0) == 0;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), in_chain ? 2 : 1)
        << result;
  }
};

INSTANTIATE_TEST_SUITE_P(Callers, HomeAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(HomeAttack, FS_01_no_home_of_the_caller_has_credentials) {
  const auto result = run({"--",
                           "cat /home/runner/note; cd /; for h in /home/runner /var/www /root; do "
                           "cat $h/.netrc $h/.npmrc; grep -rs SECRET $h/.aws; done; cat ~/.netrc"});
  // /var/www is nobody's home when root calls.
  const char* of_another = "SECRET\nSECRET\n/var/www/.aws/credentials:SECRET\n";
  EXPECT_EQ(result.output, std::string("note\n") + (GetParam() == Caller::kRoot ? of_another : ""))
      << result;
}

TEST_P(HomeAttack, S4_E4_one_credential_is_shown_by_option_with_a_warning) {
  const auto result =
      run({"--show", home() + "/.npmrc", "--", "cat ~/.npmrc; cat ~/.netrc; echo x > ~/.npmrc"});
  EXPECT_EQ(result.output, "SECRET\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("can read it"));
  EXPECT_EQ(world.file(home() + "/.npmrc"), "SECRET\n");
}

TEST_P(HomeAttack, S4_E2_a_part_of_the_home_that_is_kept_lasts_and_shows_no_credential) {
  if (GetParam() == Caller::kRoot) prepare("chown -R 0:0 /home/runner/.cache");
  prepare("mkdir " + home() + "/.cache/.docker && touch " + home() + "/.cache/x");
  const auto result =
      run({"--keep-home", ".cache", "--hide", home() + "/.cache/.npmrc", "--",
           "echo kept > ~/.cache/tool/new; echo gone > ~/new; cat ~/.cache/.npmrc"});
  EXPECT_EQ(result.output, "") << result;
  EXPECT_EQ(world.file(home() + "/.cache/tool/new"), "kept\n") << result;
  EXPECT_EQ(world.file(home() + "/new"), std::nullopt);
}

TEST_P(HomeAttack, FS_09_the_size_of_the_home_is_limited_by_option) {
  if (GetParam() == Caller::kRoot) prepare("chown 0:0 /home/runner");
  const auto result =
      run({"--home-size", "1M", "--", "head -c 2000000 /dev/zero > ~/big && echo fits"});
  EXPECT_EQ(result.output, "") << result;
  EXPECT_THAT(result.errors, HasSubstr("No space left"));
}

TEST_P(HomeAttack, the_home_is_opened_by_option_and_still_has_no_credentials) {
  if (GetParam() == Caller::kRoot) prepare("chown 0:0 /home/runner");
  const auto result =
      run({"--home", "rw", "--",
           "echo kept > ~/new; cat ~/.netrc; grep -rs SECRET ~/.aws ~/.npmrc; true"});
  EXPECT_EQ(result.output, "") << result;
  EXPECT_THAT(result.errors, HasSubstr("--home rw"));
  EXPECT_EQ(world.file(home() + "/new"), "kept\n");
}

TEST_P(HomeAttack, what_cannot_be_meant_is_refused_in_one_line) {
  expect_refused({"--home", "ro"}, "only value");
  expect_refused({"--home-size", "0"}, "--home-size");
  expect_refused({"--home-size", "lots"}, "--home-size");
  expect_refused({"--keep-home", "../.."}, "--keep-home");
  expect_refused({"--keep-home", "none"}, "--keep-home");
  expect_refused({"--show", "/none"}, "--show");
  expect_refused({"--show", ".npmrc"}, "absolute");
  expect_refused({"--hide", "note"}, "absolute");
  expect_refused({"--hide", home()}, "holds");
  expect_refused({"--hide", std::string(test_world::kWorkspace) + "/.env"}, "make it first");
  expect_refused({"--mount", "/none:/tmp/x"}, "--mount");
  expect_refused({"--mount", "none:/tmp/x"}, "--mount");
  expect_refused({"--mount", "/opt:/tmp/x:rx"}, "--mount");
  expect_refused({"--mount", "/var/www:/proc:ro"}, "--mount");
  expect_refused({"--mount", "/var/www:/:ro"}, "--mount");
}

}  // namespace
}  // namespace awf::attack
