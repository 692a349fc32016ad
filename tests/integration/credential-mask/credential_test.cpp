// Credentials of the home and of the system: absent, whatever is tried, and nothing of them changed
// on the host.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/check.hpp"
#include "machine.hpp"
#include "policy/credential_paths.hpp"

namespace awf::mask_test {
namespace {

namespace fs = std::filesystem;
using policy::CredentialPath;
using ::testing::HasSubstr;
using ::testing::Not;

std::string in_home(std::string_view path) {
  return std::string(kHome) + "/" + std::string(path);
}

// A file of each kind of entry, as a tool would write it.
std::string example_of(const CredentialPath& entry) {
  std::string path(entry.path);
  if (const auto star = path.find('*'); star != std::string::npos) path.replace(star, 1, "x");
  return in_home(entry.kind == CredentialPath::Kind::kDirectory ? path + "/deep/token" : path);
}

using Credentials = Machine;

TEST_P(Credentials, S4_04_FS_01_every_one_of_the_catalogue_is_absent) {
  std::string probe;
  for (const auto& entry : policy::home_credentials()) {
    const auto path = example_of(entry);
    plant(path);
    probe.append("[ -e '").append(path).append("' ] && echo '").append(path).append("'\n");
  }
  const auto outcome = run(probe + "true");
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.output, "");
}

TEST_P(Credentials, S4_01_S4_02_S4_03_S4_08_S4_09_cannot_be_read_by_their_direct_path) {
  for (const char* path : {".docker/config.json", ".config/gh/hosts.yml", ".npmrc"}) {
    plant(in_home(path));
    const auto outcome = run(std::string("cat ~/") + path + "; cat " + in_home(path));
    EXPECT_EQ(outcome.output, "") << path;
    EXPECT_THAT(outcome.errors, HasSubstr("No such file"));
  }
}

TEST_P(Credentials, S4_G1_S4_G2_S4_G3_S4_G9_of_package_tools_and_clouds_are_absent) {
  for (const char* path :
       {".cargo/credentials.toml", ".composer/auth.json", ".pip/pip.conf", ".config/pip/pip.conf",
        ".pypirc", ".aws/credentials", ".config/gcloud/credentials.db", ".azure/accessTokens.json",
        ".kube/config", ".oci/config", ".config/doctl/config.yaml"}) {
    plant(in_home(path));
  }
  const auto outcome = run("grep -rsl PLANTED ~ ; ls -A ~/.config");
  EXPECT_EQ(outcome.output, "pip\n") << outcome;
}

TEST_P(Credentials, S4_G4_of_ssh_are_hidden_by_name_and_by_content_and_known_hosts_stays) {
  plant(in_home(".ssh/id_rsa"));
  plant(in_home(".ssh/id_work"));
  plant(in_home(".ssh/deploy"), std::string("-----BEGIN OPENSSH PRIVATE KEY-----\n") + kSecret);
  plant(in_home(".ssh/keys/old"), std::string("-----BEGIN EC PRIVATE KEY-----\n") + kSecret);
  plant(in_home(".ssh/known_hosts"), "github.com ssh-ed25519 AAAA\n");
  const auto outcome = run("cat ~/.ssh/known_hosts; grep -rs PLANTED ~/.ssh; ls ~/.ssh");
  EXPECT_EQ(outcome.output, "github.com ssh-ed25519 AAAA\nkeys\nknown_hosts\n") << outcome;
}

TEST_P(Credentials, S4_05_S4_07_TOK_21_the_log_says_how_many_and_nothing_of_what_is_in_them) {
  plant(in_home(".npmrc"));
  const auto outcome = run("true", {"--verbose"});
  EXPECT_THAT(outcome.errors, HasSubstr(" paths are hidden\n"));
  EXPECT_THAT(outcome.errors, Not(HasSubstr("PLANTED")));
  EXPECT_THAT(outcome.errors, Not(HasSubstr("npmrc")));
}

TEST_P(Credentials, S4_10_S4_11_cannot_be_smuggled_out_in_another_encoding) {
  plant(in_home(".config/gh/hosts.yml"));
  const auto outcome =
      run("base64 ~/.config/gh/hosts.yml; od -c ~/.config/gh/hosts.yml; "
          "dd if=$HOME/.config/gh/hosts.yml; tar c -C ~ .config | grep -a PLANTED");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, S4_12_S4_E3_occur_nowhere_in_the_visible_tree) {
  for (const auto& entry : policy::home_credentials())
    plant(example_of(entry));
  plant("/tmp/other-step/token.json");
  plant("/run/user/33/token.json");
  const auto outcome = run("grep -rls PLANTED /srv /tmp /run /var/tmp /dev/shm");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, S4_G6_FS_01_are_not_reached_by_a_link_or_a_rename_made_inside) {
  plant(in_home(".config/gh/hosts.yml"));
  plant(in_home(".netrc"));
  const auto outcome =
      run("ln -s ~/.netrc link; cat link; ln ~/.netrc hard; cat hard; "
          "mv ~/.config ~/moved; cat ~/moved/gh/hosts.yml; cp -r ~/moved ~/copy; "
          "grep -rs PLANTED ~; rm -rf ~/moved ~/.netrc; cat ~/.netrc");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, S4_G7_are_named_by_no_mount) {
  plant(in_home(".aws/credentials"));
  plant(in_home(".config/gh/hosts.yml"));
  const auto outcome = run("cat /proc/self/mountinfo /proc/mounts /proc/self/mountstats");
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.output, HasSubstr(kHome));
  for (const char* name : {".aws", ".config", "hosts.yml", ".netrc"}) {
    EXPECT_THAT(outcome.output, Not(HasSubstr(name)));
  }
}

TEST_P(Credentials, S4_G8_that_are_absent_on_the_host_cause_no_error_and_nothing_is_made) {
  const auto outcome = run("ls -A ~");
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.output, "work\n");
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(std::distance(fs::directory_iterator(kHome), fs::directory_iterator()), 1);
}

TEST_P(Credentials, S4_E1_that_are_links_are_hidden_with_what_they_lead_to) {
  plant("/srv/vault/netrc");
  plant("/srv/vault/aws/credentials");
  plant(in_home("dotfiles/npmrc"));
  fs::create_symlink("/srv/vault/netrc", in_home(".netrc"));
  fs::create_symlink("/srv/vault/aws", in_home(".aws"));
  fs::create_symlink("dotfiles/npmrc", in_home(".npmrc"));
  const auto outcome = run("cat ~/.netrc ~/.aws/credentials ~/.npmrc; grep -rs PLANTED /srv");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, S4_E1_FS_01_that_have_other_names_are_hidden_under_all_of_them) {
  plant(in_home(".netrc"));
  plant(in_home(".aws/credentials"));
  make_directory(in_home("deep/er"));
  fs::create_hard_link(in_home(".netrc"), in_home("deep/er/copy"));
  fs::create_hard_link(in_home(".netrc"), std::string(kWorkspace) + "/copy");
  fs::create_hard_link(in_home(".aws/credentials"), in_home("aws-copy"));
  const auto outcome = run("grep -rs PLANTED ~ /srv");
  EXPECT_EQ(outcome.output, "") << outcome;
  EXPECT_EQ(outcome.errors, "");
}

TEST_P(Credentials, FS_01_that_have_a_name_where_nobody_looks_are_told_of) {
  plant(in_home(".netrc"));
  fs::create_hard_link(in_home(".netrc"), "/srv/elsewhere");
  const auto outcome = run("true");
  EXPECT_THAT(outcome.errors, HasSubstr("hard link")) << outcome;
}

TEST_P(Credentials, S4_E1_that_are_links_into_the_workspace_are_hidden_there_too) {
  plant(std::string(kWorkspace) + "/dotfiles/npmrc");
  fs::create_symlink(std::string(kWorkspace) + "/dotfiles/npmrc", in_home(".npmrc"));
  EXPECT_EQ(run("cat ~/.npmrc dotfiles/npmrc").output, "");
}

TEST_P(Credentials, S4_E2_made_inside_work_there_and_never_reach_the_host) {
  plant(in_home(".docker/config.json"));
  const auto outcome =
      run("echo new > ~/.docker/config.json && mkdir -p ~/.aws && echo new > ~/.aws/credentials && "
          "mkdir -p ~/.config/gh && echo new > ~/.config/gh/hosts.yml && "
          "cat ~/.docker/config.json ~/.aws/credentials ~/.config/gh/hosts.yml");
  EXPECT_EQ(outcome.output, "new\nnew\nnew\n") << outcome;
  std::string on_host;
  std::ifstream(in_home(".docker/config.json")) >> on_host;
  EXPECT_EQ(on_host, kSecret);
  EXPECT_FALSE(fs::exists(in_home(".aws")));
}

TEST_P(Credentials, S4_E4_at_a_place_of_ones_own_are_hidden_by_option) {
  plant(in_home("my/own.token"));
  plant("/srv/shared/token");
  plant(std::string(kWorkspace) + "/.env.local");
  const auto outcome = run("cat ~/my/own.token /srv/shared/token .env.local",
                           {"--hide", in_home("my/own.token"), "--hide", "/srv/shared/token",
                            "--hide", std::string(kWorkspace) + "/.env.local"});
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, FS_01_FS_14_that_the_host_makes_later_stay_absent) {
  make_directory(in_home(".config/gh"));
  const auto outcome = run_with("cat ~/.netrc ~/.aws/credentials ~/.config/gh/hosts.yml", [] {
    plant(in_home(".netrc"));
    plant(in_home(".aws/credentials"));
    plant(in_home(".config/gh/hosts.yml"));
  });
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, FS_14_below_a_directory_that_cannot_be_read_are_absent_and_no_error) {
  plant(in_home(".config/gh/hosts.yml"));
  plant(in_home(".ssh/id_rsa"));
  for (const char* directory : {".config", ".ssh"}) {
    check(::chown(in_home(directory).c_str(), 0, 0), "taking a directory away");
    fs::permissions(in_home(directory), fs::perms::none);
  }
  const auto outcome =
      run("cat ~/.config/gh/hosts.yml ~/.ssh/id_rsa; chmod -R 700 ~/.config ~/.ssh; "
          "grep -rs PLANTED ~");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, FS_14_in_directories_that_vanish_and_return_stay_absent) {
  plant(in_home(".config/gh/hosts.yml"));
  plant(in_home(".kube/config"));
  const auto outcome =
      run_with("cat ~/.config/gh/hosts.yml ~/.kube/config; grep -rs PLANTED ~", [] {
        fs::remove_all(in_home(".config"));
        fs::remove_all(in_home(".kube"));
        plant(in_home(".config/gh/hosts.yml"));
        plant(in_home(".kube/config"));
      });
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Credentials, of_the_system_cannot_be_read) {
  const auto outcome = run("cat /etc/shadow /etc/gshadow /etc/sudoers /run/secrets/token");
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.exit_code, 1);
}

TEST_P(Credentials, a_credential_that_is_asked_for_by_mount_is_shown_with_a_warning) {
  plant(in_home(".npmrc"), "granted");
  const auto outcome =
      run("cat ~/.npmrc", {"--mount", in_home(".npmrc") + ":" + in_home(".npmrc") + ":ro"});
  EXPECT_EQ(outcome.output, "granted") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("warning: --mount shows"));
}

INSTANTIATE_IN_BOTH_MODES(Credentials);

}  // namespace
}  // namespace awf::mask_test
