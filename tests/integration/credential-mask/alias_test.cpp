// The attack: the same file under another path. A bind mount of the host, a --mount of a directory
// above, /proc/self/root, a working directory kept open. What must stop it: credential-mask finds
// every sight of a hidden file by its file system and covers it.
#include <gmock/gmock.h>

#include "machine.hpp"

namespace awf::mask_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Aliases : public Machine {
 protected:
  Aliases() {
    plant(std::string(kHome) + "/.aws/credentials");
    plant(std::string(kHome) + "/.config/gh/hosts.yml");
    plant(std::string(kHome) + "/notes", "note");
  }
};

TEST_P(Aliases, S4_06_through_proc_lead_to_the_same_view) {
  const auto outcome = run(
      "for top in /proc/self/root /proc/thread-self/root /proc/$$/root /proc/self/cwd/../..; do "
      "cat $top/.aws/credentials $top/srv/home/runner/.aws/credentials; done 2>/dev/null; "
      "cat /proc/1/root/srv/home/runner/.aws/credentials; "
      "for p in /proc/[0-9]*; do cat $p/cwd/.aws/credentials "
      "$p/root/srv/home/runner/.aws/credentials; done 2>/dev/null; true");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(Aliases, S4_06_of_the_home_by_a_bind_mount_of_the_host_show_its_view) {
  bind("/srv/home", "/srv/other");
  bind(kHome, "/srv/again");
  bind(std::string(kHome) + "/.config", "/srv/config");
  bind(std::string(kHome) + "/.aws", "/srv/aws");
  const auto outcome =
      run("cat /srv/other/runner/notes; cat /srv/again/notes; cat /srv/config/gh/hosts.yml; "
          "cat /srv/aws/credentials; grep -rs PLANTED /srv");
  EXPECT_EQ(outcome.output, "notenote") << outcome;
}

TEST_P(Aliases, S4_06_S4_14_of_the_whole_tree_by_an_option_show_no_credential) {
  make_directory("/srv/host");
  plant("/tmp/gh-aw/mcp-logs/log");
  const auto outcome =
      run("cat /srv/host/srv/home/runner/notes; cat /srv/host/srv/home/runner/.aws/credentials; "
          "cat /srv/host/tmp/gh-aw/mcp-logs/log /srv/host/run/secrets/token; "
          "cat /srv/host/etc/shadow; ls /srv/host/run/docker.sock /srv/host/proc/1; "
          "grep -rs PLANTED /srv/host/srv /srv/host/tmp /srv/host/run",
          {"--mount", "/:/srv/host:ro"});
  EXPECT_EQ(outcome.output, "note") << outcome;
}

TEST_P(Aliases, of_the_home_by_an_option_show_its_view) {
  const auto outcome = run("cat /tmp/home/notes; cat /tmp/home/.aws/credentials; ls -A /tmp/home",
                           {"--mount", std::string(kHome) + ":/tmp/home:ro"});
  EXPECT_EQ(outcome.output, "note.config\nnotes\nwork\n") << outcome;
}

TEST_P(Aliases, of_a_part_of_the_home_by_an_option_show_no_credential_in_it) {
  const auto outcome = run("ls -A /tmp/config; cat /tmp/config/gh/hosts.yml",
                           {"--mount", std::string(kHome) + "/.config:/tmp/config:ro"});
  EXPECT_THAT(outcome.output, Not(HasSubstr("PLANTED"))) << outcome;
  EXPECT_THAT(outcome.output, HasSubstr("gh"));
}

INSTANTIATE_IN_BOTH_MODES(Aliases);

}  // namespace
}  // namespace awf::mask_test
