// The attack: talking to the host through what a read-only tree still lets through. A unix socket
// can be connected to, a named pipe opened for writing, a file locked, whatever the mount's flags;
// lists of sockets miss those of other network namespaces, renamed and linked ones. What must stop
// it: the tree is seen through overlays, in which all of these are the overlay's own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <thread>

#include "common/check.hpp"
#include "machine.hpp"

namespace awf::mask_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Prints what comes of connecting to each path that is given.
constexpr const char* kConnect = R"(
import errno, socket, sys
for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print('CONNECTED', path)
    except OSError as e:
        print(errno.errorcode[e.errno])
)";

std::string connecting_to(const std::string& quoted_paths) {
  return std::string("/usr/bin/python3 -c \"") + kConnect + "\" " + quoted_paths;
}

class Doors : public Machine {
 protected:
  Doors() {
    make_directory("/srv/opt");
    make_directory("/srv/opt/run");
  }
  // In a network namespace of its own, so that no /proc/PID/net/unix of the chain lists it.
  void listen_elsewhere_at(const std::string& path) {
    std::thread([&] {
      check(::unshare(CLONE_NEWNET), "making a network namespace");
      listen_at(path);
    }).join();
  }
};

TEST_P(Doors, FS_01_a_socket_of_another_network_namespace_is_dead) {
  listen_elsewhere_at("/srv/opt/run/socket");
  const auto outcome = run(connecting_to("/srv/opt/run/socket"));
  EXPECT_EQ(outcome.output, "ECONNREFUSED\n") << outcome;
}

TEST_P(Doors, FS_01_a_socket_that_was_renamed_or_linked_after_it_was_bound_is_dead) {
  listen_at("/srv/opt/run/bound");
  fs::create_hard_link("/srv/opt/run/bound", "/srv/opt/run/linked");
  fs::rename("/srv/opt/run/bound", "/srv/opt/run/renamed");
  const auto outcome = run(connecting_to("/srv/opt/run/renamed /srv/opt/run/linked"));
  EXPECT_EQ(outcome.output, "ECONNREFUSED\nECONNREFUSED\n") << outcome;
}

TEST_P(Doors, FS_01_a_socket_with_a_newline_in_its_name_is_dead) {
  listen_at("/srv/opt/run/two\nlines");
  const auto outcome = run(connecting_to("'/srv/opt/run/two\nlines'"));
  EXPECT_EQ(outcome.output, "ECONNREFUSED\n") << outcome;
}

TEST_P(Doors, FS_14_a_socket_that_comes_later_is_dead) {
  // Its server must outlive the act on the host, so the late names are links.
  listen_at("/srv/opt/run/early");
  listen_at(std::string(kHome) + "/early");
  const auto outcome = run_with(connecting_to("/srv/opt/run/late ~/late"), [] {
    fs::create_hard_link("/srv/opt/run/early", "/srv/opt/run/late");
    fs::create_hard_link(std::string(kHome) + "/early", std::string(kHome) + "/late");
  });
  EXPECT_EQ(outcome.output, "ECONNREFUSED\nECONNREFUSED\n") << outcome;
}

TEST_P(Doors, FS_01_a_socket_below_a_bind_mount_of_the_host_is_dead) {
  listen_elsewhere_at("/srv/opt/run/socket");
  bind("/srv/opt", "/srv/again");
  const auto outcome = run(connecting_to("/srv/again/run/socket"));
  EXPECT_EQ(outcome.output, "ECONNREFUSED\n") << outcome;
}

TEST_P(Doors, FS_01_a_socket_that_the_host_mounted_alone_is_dead) {
  listen_elsewhere_at("/srv/opt/run/socket");
  plant("/srv/opt/run/alone", "");
  check(::mount("/srv/opt/run/socket", "/srv/opt/run/alone", nullptr, MS_BIND, nullptr), "binding");
  const auto outcome = run(connecting_to("/srv/opt/run/alone /srv/opt/run/socket"));
  EXPECT_THAT(outcome.output, testing::Not(HasSubstr("CONNECTED"))) << outcome;
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
}

TEST_P(Doors, a_socket_of_ones_own_can_be_connected_to_everywhere_it_can_be_made) {
  const auto outcome = run(
      "/usr/bin/python3 -c \"\nimport os, socket\n"
      "for place in ('/tmp', os.environ['HOME'], '.'):\n"
      "    server = socket.socket(socket.AF_UNIX); server.bind(place + '/own'); server.listen(1)\n"
      "    socket.socket(socket.AF_UNIX).connect(place + '/own'); print('connected')\"");
  EXPECT_EQ(outcome.output, "connected\nconnected\nconnected\n") << outcome;
}

TEST_P(Doors, FS_03_a_named_pipe_of_the_host_carries_nothing_in_either_direction) {
  for (const char* path : {"/srv/opt/in", "/srv/opt/out", "/srv/home/runner/in"}) {
    check(::mkfifo(path, 0600), "making a named pipe");
    check(::chmod(path, 0666), "opening it to all");
  }
  // Both ends are open here, so that a command that reached the pipes would not wait.
  const UniqueFd in(check(::open("/srv/opt/in", O_RDWR | O_NONBLOCK | O_CLOEXEC), "opening"));
  const UniqueFd in_home(
      check(::open("/srv/home/runner/in", O_RDWR | O_NONBLOCK | O_CLOEXEC), "opening"));
  const UniqueFd out(check(::open("/srv/opt/out", O_RDWR | O_NONBLOCK | O_CLOEXEC), "opening"));
  ASSERT_EQ(::write(out.get(), kSecret, 5), 5);
  const auto outcome =
      run("/usr/bin/python3 -c \"\nimport errno, os\n"
          "for path in ('/srv/opt/in', os.environ['HOME'] + '/in'):\n"
          "    try: os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b'command'); "
          "print('WRITTEN')\n"
          "    except OSError as e: print(errno.errorcode[e.errno])\n"
          "print(os.read(os.open('/srv/opt/out', os.O_RDONLY | os.O_NONBLOCK), 9))\"");
  EXPECT_EQ(outcome.output, "ENXIO\nENXIO\nb''\n") << outcome;
  std::array<char, 16> buffer{};
  EXPECT_LT(::read(in.get(), buffer.data(), buffer.size()), 0);
  EXPECT_LT(::read(in_home.get(), buffer.data(), buffer.size()), 0);
}

TEST_P(Doors, locks_on_files_of_the_host_and_of_the_command_do_not_meet) {
  plant("/srv/opt/lock");
  const UniqueFd file(check(::open("/srv/opt/lock", O_RDWR | O_CLOEXEC), "opening"));
  check(::flock(file.get(), LOCK_EX | LOCK_NB), "locking");
  const auto outcome = run("exec 9< /srv/opt/lock; flock -n 9 && echo locked");
  EXPECT_EQ(outcome.output, "locked\n") << outcome;
}

TEST_P(Doors, FS_01_sockets_beside_a_mount_of_the_host_are_dead_too) {
  for (const char* directory : {"/srv/var/tmp", "/srv/var/lib", "/srv/var/hidden/inner"})
    make_directory(directory);
  bind("/srv/opt", "/srv/var/tmp");
  bind("/srv/opt", "/srv/var/hidden/inner");
  bind("/srv/opt", "/srv/var/hidden");  // covers the mount before
  listen_elsewhere_at("/srv/var/socket");
  listen_elsewhere_at("/srv/var/lib/socket");
  const auto outcome = run(connecting_to("/srv/var/socket /srv/var/lib/socket"));
  EXPECT_EQ(outcome.output.find("CONNECTED"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.errors, "");
}

// The kernel stacks two overlays, and ours would be the third.
TEST_P(Doors, FS_01_where_no_overlay_can_stand_it_is_said_and_what_is_hidden_is_covered) {
  make_directory("/srv/empty");
  make_directory("/srv/one");
  make_directory("/srv/two");
  plant("/srv/low/token");
  plant("/srv/low/note", "note");
  check(::mount("o", "/srv/one", "overlay", 0, "lowerdir=/srv/empty:/srv/low"), "stacking");
  check(::mount("o", "/srv/two", "overlay", 0, "lowerdir=/srv/empty:/srv/one"), "stacking");
  const auto outcome = run("cat /srv/two/note; cat /srv/two/token", {"--hide", "/srv/two/token"});
  (void)::umount2("/srv/two", MNT_DETACH);
  (void)::umount2("/srv/one", MNT_DETACH);
  EXPECT_EQ(outcome.output, "note") << outcome;
  EXPECT_THAT(outcome.errors, HasSubstr("no overlay can stand at \"/srv/two\""));
}

TEST_P(Doors, nothing_lies_on_top_of_the_root) {
  plant("/srv/opt/token");
  const auto outcome = run("cd /..; ls -d srv; cat srv/opt/token; cd /../..; cat srv/opt/token",
                           {"--hide", "/srv/opt/token"});
  EXPECT_EQ(outcome.output, "srv\n") << outcome;
}

INSTANTIATE_IN_BOTH_MODES(Doors);

}  // namespace
}  // namespace awf::mask_test
