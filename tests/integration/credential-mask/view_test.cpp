// What the command finds: a tree that it cannot change, a home and scratch space that are
// forgotten, a workspace that lasts, and no door to the host.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "common/check.hpp"
#include "machine.hpp"

namespace awf::mask_test {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using View = Machine;

TEST_P(View, the_tree_is_read_only) {
  const auto outcome =
      run("touch /x; touch /usr/x; touch /etc/x; touch /srv/x; touch /run/x; "
          "touch /dev/x; mkdir /sys/fs/cgroup/x; echo 1 > /proc/self/oom_score_adj");
  EXPECT_EQ(outcome.output, "");
  for (const char* path : {"'/x'", "'/usr/x'", "'/etc/x'", "'/srv/x'"}) {
    EXPECT_THAT(outcome.errors, HasSubstr(std::string(path) + ": Read-only file system"));
  }
}

TEST_P(View, changes_in_the_workspace_last) {
  const auto outcome = run("pwd; echo made > result");
  EXPECT_EQ(outcome.output, std::string(kWorkspace) + "\n") << outcome;
  std::string content;
  std::ifstream(std::string(kWorkspace) + "/result") >> content;
  EXPECT_EQ(content, "made");
}

TEST_P(View, changes_in_the_home_and_in_scratch_space_are_forgotten) {
  plant(std::string(kHome) + "/.profile", "before");
  const auto outcome =
      run("echo after > ~/.profile && rm -rf ~/.profile && echo 1 > ~/new && "
          "echo 1 > /tmp/new && echo 1 > /var/tmp/awf-mask-test && echo done");
  EXPECT_EQ(outcome.output, "done\n") << outcome;
  std::string content;
  std::ifstream(std::string(kHome) + "/.profile") >> content;
  EXPECT_EQ(content, "before");
  EXPECT_FALSE(fs::exists(std::string(kHome) + "/new"));
  EXPECT_FALSE(fs::exists("/tmp/new"));
  EXPECT_FALSE(fs::exists("/var/tmp/awf-mask-test"));
}

TEST_P(View, the_home_belongs_to_the_command_and_keeps_its_mode) {
  plant(std::string(kHome) + "/.config/gh/hosts.yml");
  fs::permissions(kHome, fs::perms::owner_all);
  const auto outcome = run("stat -c '%u %g %a' ~ ~/.config ~/.config/gh");
  EXPECT_EQ(outcome.output, "33 33 700\n33 33 755\n33 33 755\n") << outcome;
}

TEST_P(View, the_files_of_other_steps_in_tmp_are_out_of_sight) {
  plant("/tmp/other-step/file");
  EXPECT_EQ(run("ls -A /tmp").output, "");
}

TEST_P(View, S4_13_S4_15_the_shared_directory_is_shown_without_the_logs_of_MCP_servers) {
  plant("/tmp/gh-aw/prompt", "prompt");
  plant("/tmp/gh-aw/mcp-logs/server/log");
  const auto outcome =
      run("cat /tmp/gh-aw/prompt; ls -A /tmp/gh-aw/mcp-logs; "
          "cat /tmp/gh-aw/mcp-logs/server/log; echo out > /tmp/gh-aw/result");
  EXPECT_EQ(outcome.output, "prompt") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("No such file"));
  EXPECT_TRUE(fs::exists("/tmp/gh-aw/result"));
}

TEST_P(View, a_link_in_the_place_of_the_shared_directory_is_not_followed) {
  plant("/srv/elsewhere/file");
  fs::create_symlink("/srv/elsewhere", "/tmp/gh-aw");
  const auto outcome = run("ls -A /tmp");
  EXPECT_EQ(outcome.output, "") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("not shown"));
}

TEST_P(View, FS_03_the_runners_temporary_directory_is_empty_and_writable) {
  const std::string temp = std::string(kHome) + "/work/_temp";
  plant(temp + "/_runner_file_commands/set_env_1");
  const auto outcome = run("ls -A " + temp + "; echo FOO=1 > " + temp + "/x && cat " + temp + "/x",
                           {"--runner-temp", temp});
  EXPECT_EQ(outcome.output, "FOO=1\n") << outcome;
  EXPECT_FALSE(fs::exists(temp + "/x"));
}

TEST_P(View, the_sockets_of_the_host_are_gone) {
  const auto outcome = run("ls -A /run /var/run/docker.sock");
  EXPECT_EQ(outcome.output, "/run:\nawf\n") << outcome;
}

TEST_P(View, sockets_of_servers_outside_run_are_gone_too) {
  make_directory("/srv/server");
  make_directory("/tmp/gh-aw");
  std::string probe;
  for (const std::string path : {"/srv/server/socket", "/srv/home/runner/socket",
                                 "/srv/home/runner/work/repo/socket", "/tmp/gh-aw/socket"}) {
    listen_at(path);
    probe.append("[ -S ").append(path).append(" ] && echo ").append(path).append("; ");
  }
  EXPECT_EQ(run(probe).output, "");
}

TEST_P(View, a_socket_that_is_asked_for_is_shown) {
  make_directory("/srv/server");
  listen_at("/srv/server/socket");
  const auto outcome = run("[ -S /srv/server/socket ] && echo yes",
                           {"--mount", "/srv/server/socket:/srv/server/socket"});
  EXPECT_EQ(outcome.output, "yes\n") << outcome;
}

TEST_P(View, FS_11_devices_are_those_that_programs_need) {
  const auto outcome =
      run("ls -A /dev; echo x > /dev/null; head -c 4 /dev/zero | od -An -tx1; ls -A /dev/pts; "
          "head -c 8 /dev/urandom | wc -c; echo shm > /dev/shm/x; cat /dev/shm/x");
  EXPECT_EQ(outcome.output,
            "fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n"
            " 00 00 00 00\nptmx\n8\nshm\n")
      << outcome;
}

TEST_P(View, a_terminal_can_be_made) {
  const auto outcome = run("script -qec 'tty' /dev/null");
  EXPECT_THAT(outcome.output, StartsWith("/dev/pts/")) << outcome;
}

TEST_P(View, names_are_asked_of_the_resolver_inside_and_of_no_daemon) {
  const auto outcome =
      run("cat /etc/resolv.conf; grep ^hosts: /etc/nsswitch.conf; head -1 /etc/hosts");
  EXPECT_THAT(outcome.output,
              StartsWith("nameserver 127.0.0.1\nhosts: files dns\n127.0.0.1 localhost"))
      << outcome;
}

TEST_P(View, the_resolver_file_may_be_a_link_into_run_as_systemd_makes_it) {
  fs::copy("/etc", "/srv/etc", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  fs::remove("/srv/etc/resolv.conf");
  fs::create_symlink("../run/systemd/resolve/stub-resolv.conf", "/srv/etc/resolv.conf");
  bind("/srv/etc", "/etc");
  plant("/run/systemd/resolve/stub-resolv.conf", "nameserver 127.0.0.53\n");
  const auto outcome = run("cat /etc/resolv.conf; echo x > /etc/resolv.conf");
  EXPECT_EQ(outcome.output, "nameserver 127.0.0.1\n") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("Read-only file system"));
}

TEST_P(View, set_user_id_programs_and_device_nodes_mean_nothing) {
  const auto outcome = run("awk '{print $5, $6}' /proc/self/mountinfo | grep -v nosuid");
  EXPECT_EQ(outcome.output, "") << outcome;
}

TEST_P(View, what_the_host_mounts_below_the_home_is_out_of_sight) {
  if (GetParam() == Mode::kRootless) {
    // The mounts of a user namespace are locked together, and the kernel refuses the overlay.
    make_directory(std::string(kHome) + "/volume");
    bind("/srv", std::string(kHome) + "/volume");
    const auto outcome = run("echo must not run");
    EXPECT_EQ(outcome.exit_code, 125) << outcome;
    EXPECT_THAT(outcome.errors, HasSubstr("volume"));
    EXPECT_EQ(outcome.output, "");
    return;
  }
  plant("/srv/volume/token");
  bind("/srv/volume", std::string(kHome) + "/volume");
  EXPECT_EQ(run("ls -A ~; cat ~/volume/token").output, "work\n");
}

TEST_P(View, mounts_are_shown_as_asked) {
  plant("/srv/data/file", "data");
  plant("/srv/out/file", "out");
  const auto outcome = run(
      "cat /tmp/in/file; echo x > /tmp/in/new; echo x > ~/out/new; ls ~/out",
      {"--mount", "/srv/data:/tmp/in:ro", "--mount", "/srv/out:" + std::string(kHome) + "/out"});
  EXPECT_EQ(outcome.output, "datafile\nnew\n") << outcome;
  EXPECT_TRUE(fs::exists("/srv/out/new"));
  EXPECT_FALSE(fs::exists("/srv/data/new"));
}

TEST_P(View, the_programs_are_shown_read_only_in_their_place) {
  plant("/srv/programs/awf-next", "next");
  const auto outcome = run("cat /run/awf/bin/awf-next; echo x > /run/awf/bin/awf-next",
                           {"--programs", "/srv/programs"});
  EXPECT_EQ(outcome.output, "next") << outcome;
  EXPECT_THAT(outcome.errors, EndsWith("Read-only file system\n"));
}

TEST_P(View, the_home_may_lie_in_tmp_and_the_workspace_elsewhere) {
  plant("/tmp/home/.netrc");
  plant("/tmp/home/file", "file");
  make_directory("/srv/repo");
  const auto outcome = run_bare("cat /tmp/home/file; cat /tmp/home/.netrc; pwd",
                                {"--home", "/tmp/home", "--workspace", "/srv/repo"});
  EXPECT_EQ(outcome.output, "file/srv/repo\n") << outcome;
}

TEST_P(View, a_home_that_does_not_exist_is_none) {
  const auto outcome = run_bare("pwd", {"--home", "/nonexistent"});
  EXPECT_EQ(outcome.output, "/\n") << outcome;
}

TEST_P(View, a_home_that_is_the_root_has_its_credentials_covered) {
  plant("/srv/x", "x");
  const auto outcome = run_bare("cat /srv/x", {"--home", "/"});
  EXPECT_EQ(outcome.output, "x") << outcome;
}

TEST_P(View, nothing_is_left_of_it_on_the_host) {
  std::ifstream before_file("/proc/self/mountinfo");
  const std::string before((std::istreambuf_iterator<char>(before_file)), {});
  EXPECT_EQ(run("true").exit_code, 0);
  std::ifstream after_file("/proc/self/mountinfo");
  const std::string after((std::istreambuf_iterator<char>(after_file)), {});
  EXPECT_EQ(before, after);
}

INSTANTIATE_IN_BOTH_MODES(View);

}  // namespace
}  // namespace awf::mask_test
