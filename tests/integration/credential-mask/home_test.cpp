// Homes: several of one user, one with a limit, one whose changes last, one that is no plain
// directory, and directories that tools use in place of one in the home.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>

#include "common/check.hpp"
#include "machine.hpp"

namespace awf::mask_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kOther = "/srv/home/other";

using Homes = Machine;

TEST_P(Homes, FS_01_another_home_of_the_user_has_no_credentials_and_cannot_be_changed) {
  plant(std::string(kOther) + "/.netrc");
  plant(std::string(kOther) + "/notes", "note");
  plant(std::string(kOther) + "/.ssh/id_rsa");
  const auto outcome = run_with(
      "cat /srv/home/other/notes; cat /srv/home/other/.netrc /srv/home/other/.aws/credentials "
      "/srv/home/other/.ssh/id_rsa; echo x > /srv/home/other/new; grep -rs PLANTED /srv; "
      "grep -o 'other/[.a-z]*' /proc/self/mountinfo",
      [] { plant(std::string(kOther) + "/.aws/credentials"); }, {"--other-home", kOther});
  EXPECT_EQ(outcome.output, "note") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("Read-only file system"));
}

TEST_P(Homes, FS_01_one_in_the_other_has_none_either_way_round) {
  const std::string inner = std::string(kHome) + "/inner";
  plant(inner + "/.netrc");
  plant(std::string(kHome) + "/.netrc");
  for (const auto& [home, other] : {std::pair{std::string(kHome), inner}, {inner, kHome}}) {
    const auto outcome = run_bare(
        "grep -rs PLANTED /srv; cat /srv/home/runner/.netrc /srv/home/runner/inner/.netrc;"
        "echo ok > " +
            home + "/new && echo made",
        {"--home", home, "--other-home", other, "--workspace", kWorkspace});
    EXPECT_EQ(outcome.output, "made\n") << outcome;
  }
}

TEST_P(Homes, that_is_given_twice_or_missing_is_no_other_home) {
  const auto outcome = run("echo run", {"--other-home", kHome, "--other-home", "/srv/none"});
  EXPECT_EQ(outcome.output, "run\n") << outcome;
}

TEST_P(Homes, FS_09_take_no_more_than_their_limit) {
  const auto outcome =
      run("head -c 3000000 /dev/zero > ~/big || echo full; "
          "head -c 3000000 /dev/zero > /tmp/big && echo fits",
          {"--home-size", "2097152"});
  EXPECT_EQ(outcome.output, "full\nfits\n") << outcome;
}

TEST_P(Homes, whose_changes_last_hide_credentials_all_the_same) {
  plant(std::string(kHome) + "/.netrc");
  plant(std::string(kHome) + "/.aws/credentials");
  const auto outcome = run("echo kept > ~/new; cat ~/.netrc; ls -A ~/.aws; pwd; echo x > /srv/x",
                           {"--home-writable"});
  EXPECT_EQ(outcome.output, std::string(kWorkspace) + "\n") << outcome;
  EXPECT_TRUE(fs::exists(std::string(kHome) + "/new"));
  EXPECT_THAT(outcome.errors, HasSubstr("Read-only file system"));
}

TEST_P(Homes, FS_01_a_directory_used_in_place_of_one_in_the_home_is_hidden_like_it) {
  plant("/srv/xdg/gh/hosts.yml");
  plant("/srv/xdg/other", "other");
  plant("/srv/cargo/credentials.toml");
  plant("/srv/gnupg/private");
  plant("/srv/docker/x.pem");
  const auto outcome =
      run_with("cat /srv/xdg/other; grep -rs PLANTED /srv; cat /srv/xdg/heroku/token",
               [] { plant("/srv/xdg/heroku/token"); },
               {"--relocated", ".config=/srv/xdg", "--relocated", ".cargo=/srv/cargo",
                "--relocated", ".gnupg=/srv/gnupg", "--relocated", ".docker=/srv/docker",
                "--relocated", ".gnupg=/srv/none"});
  EXPECT_EQ(outcome.output, "other") << outcome;
}

TEST_P(Homes, a_place_that_the_command_needs_is_not_hidden_by_mistake) {
  const auto outcome = run("pwd; ls -d ~", {"--relocated", std::string(".gnupg=") + kHome,
                                            "--relocated", std::string(".gnupg=") + kWorkspace});
  EXPECT_EQ(outcome.output, std::string(kWorkspace) + "\n" + kHome + "\n") << outcome;
}

TEST_P(Homes, that_are_links_are_the_directories_they_lead_to) {
  plant(std::string(kHome) + "/.netrc");
  fs::create_symlink(kHome, "/srv/link");
  const auto outcome = run_bare(
      "cat /srv/link/.netrc /srv/home/runner/.netrc; echo x > ~/new && "
      "ls -A /srv/link",
      {"--home", "/srv/link"});
  EXPECT_EQ(outcome.output, "new\nwork\n") << outcome;
}

TEST_P(Homes, on_an_overlay_work) {
  plant(std::string(kHome) + "/.netrc");
  make_directory("/srv/l/empty");
  make_directory("/srv/ov");
  check(::mount("o", "/srv/ov", "overlay", 0, "lowerdir=/srv/l/empty:/srv/home"), "mounting");
  const auto outcome = run_bare(
      "cat /srv/ov/runner/.netrc; echo made > /srv/ov/runner/new && "
      "cat /srv/ov/runner/new",
      {"--home", "/srv/ov/runner"});
  (void)::umount2("/srv/ov", MNT_DETACH);
  EXPECT_EQ(outcome.output, "made\n") << outcome;
}

INSTANTIATE_IN_BOTH_MODES(Homes);

}  // namespace
}  // namespace awf::mask_test
