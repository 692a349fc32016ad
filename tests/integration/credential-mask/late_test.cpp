// The attack: waiting. A credential that comes after the start, under a name that only a pattern
// knows, or in place of one that was covered. What must stop it: names are made absent by a layer
// above the host's directories, which does not care what lies below it.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "common/check.hpp"
#include "machine.hpp"

namespace awf::mask_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

std::string in_home(std::string_view path) {
  return std::string(kHome) + "/" + std::string(path);
}

using Late = Machine;

TEST_P(Late, FS_14_S4_G4_a_key_of_ssh_is_absent_whatever_its_name) {
  plant(in_home(".ssh/known_hosts"), "github.com ssh-ed25519 AAAA\n");
  plant(in_home(".ssh/config.d/work"), "Host *\n");
  const auto outcome =
      run_with("cat ~/.ssh/id_late ~/.ssh/late/deploy; ls ~/.ssh; cat ~/.ssh/known_hosts", [] {
        plant(in_home(".ssh/id_late"));
        plant(in_home(".ssh/late/deploy"));
      });
  EXPECT_EQ(outcome.output, "config.d\nknown_hosts\ngithub.com ssh-ed25519 AAAA\n") << outcome;
}

TEST_P(Late, S4_E2_the_copy_of_ssh_can_be_written_to_and_the_hosts_stays_as_it_is) {
  plant(in_home(".ssh/known_hosts"), "host key\n");
  fs::permissions(in_home(".ssh"), fs::perms::owner_all);
  const auto outcome =
      run("stat -c '%u %a' ~/.ssh; echo more >> ~/.ssh/known_hosts && "
          "ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_new && ls ~/.ssh");
  EXPECT_EQ(outcome.output, "33 700\nid_new\nid_new.pub\nknown_hosts\n") << outcome;
  EXPECT_FALSE(fs::exists(in_home(".ssh/id_new")));
  EXPECT_EQ(fs::file_size(in_home(".ssh/known_hosts")), 9U);
}

TEST_P(Late, FS_14_what_replaces_a_hidden_file_outside_the_home_stays_hidden) {
  plant("/srv/vault/token", "before");
  const auto outcome = run_with("cat /srv/vault/token",
                                [] {
                                  plant("/srv/vault/new");
                                  fs::rename("/srv/vault/new", "/srv/vault/token");
                                },
                                {"--hide", "/srv/vault/token"});
  EXPECT_EQ(outcome.output, "") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("No such file"));
}

TEST_P(Late, FS_14_a_hidden_path_that_does_not_exist_yet_stays_absent) {
  make_directory("/srv/vault");
  const auto outcome = run_with("cat /srv/vault/token /srv/later/token; grep -rs PLANTED /srv",
                                [] {
                                  plant("/srv/vault/token");
                                  plant("/srv/later/token");
                                },
                                {"--hide", "/srv/vault/token", "--hide", "/srv/later/token"});
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Late, FS_14_a_hidden_path_that_does_not_exist_where_nothing_can_hide_it_is_refused) {
  const auto outcome = run("echo must not run", {"--hide", std::string(kWorkspace) + "/.env"});
  EXPECT_EQ(outcome.exit_code, 125) << outcome;
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, HasSubstr("make it first"));
}

TEST_P(Late, S4_G7_hidden_paths_outside_the_home_are_named_by_no_mount) {
  plant("/srv/vault/token");
  plant("/srv/safe/deep/file");
  const auto outcome = run("cat /proc/self/mountinfo; cat /srv/vault/token; ls -A /srv/safe",
                           {"--hide", "/srv/vault/token", "--hide", "/srv/safe/deep"});
  EXPECT_THAT(outcome.output, Not(HasSubstr("vault"))) << outcome;
  EXPECT_THAT(outcome.output, Not(HasSubstr("deep")));
}

TEST_P(Late, FS_01_an_overlay_of_the_host_over_the_home_shows_no_credential) {
  plant(in_home(".netrc"));
  plant(in_home(".aws/credentials"));
  plant(in_home("notes"), "note");
  make_directory("/srv/layers/empty");
  make_directory("/srv/merged");
  make_directory("/srv/part");
  check(::mount("o", "/srv/merged", "overlay", 0, "lowerdir=/srv/layers/empty:/srv/home"), "o");
  check(::mount("o", "/srv/part", "overlay", 0, "lowerdir=/srv/layers/empty:/srv/home/runner/.aws"),
        "o");
  const auto outcome = run_with(
      "cat /srv/merged/runner/notes; cat /srv/merged/runner/.netrc /srv/part/credentials "
      "/srv/merged/runner/.npmrc; grep -rs PLANTED /srv/merged /srv/part",
      [] { plant(in_home(".npmrc")); });
  EXPECT_EQ(outcome.output, "note") << outcome;
  (void)::umount2("/srv/merged", MNT_DETACH);
  (void)::umount2("/srv/part", MNT_DETACH);
}

INSTANTIATE_IN_BOTH_MODES(Late);

}  // namespace
}  // namespace awf::mask_test
