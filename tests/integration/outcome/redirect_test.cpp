// Files and sockets as the command's standard streams: they work as anywhere, and the command gets
// no more of them than what it reads and writes through them.
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

class Redirect : public testing::TestWithParam<Caller> {
 protected:
  // A line of the caller's shell, in a directory that the command does not see as writable.
  CommandResult shell(const std::string& line) {
    RunOptions options;
    options.caller = GetParam();
    options.environment = {"QUIET=--log-level error"};
    return world.run_in_machine({"/bin/bash", "-c", line}, options);
  }
  void SetUp() override {
    world.plant_file("/home/runner/outside/in", "first\nsecond\nthird\n", 0666);
    world.plant_file("/home/runner/outside/out", "earlier words\n", 0666);
  }
  std::string outside(const char* name) {
    return world.file(std::string("/home/runner/outside/") + name).value_or("(gone)");
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, Redirect,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

// The attack: what is behind a descriptor is opened again by its name under /proc.
constexpr const char* kReopen =
    "for fd in 0 1 2; do\n"
    "  (exec 9<>/proc/self/fd/$fd && truncate -s 0 /proc/self/fd/9) 2>/dev/null\n"
    "  (: > /proc/self/fd/$fd) 2>/dev/null\n"
    "  head -c 0 /proc/self/fd/$fd 2>/dev/null\n"
    "done\n"
    "stat -L -c %F /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 | sort -u";

TEST_P(Redirect, FS_redirected_files_cannot_be_opened_again_or_changed_behind_what_is_written) {
  world.plant_file("/home/runner/work/repo/repo/attack", kReopen);
  const auto result = shell(
      "cd /home/runner/outside; W=/home/runner/work/repo/repo; cd $W; "
      "awf $QUIET -- 'bash attack' < /home/runner/outside/in >> /home/runner/outside/out 2>&1");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(outside("in"), "first\nsecond\nthird\n");
  EXPECT_EQ(outside("out"), "earlier words\nfifo\n");
}

TEST_P(Redirect, only_what_the_command_read_is_gone_from_its_input) {
  const auto result =
      shell("{ read a; awf $QUIET -- 'read b; echo inside $b'; cat; } < /home/runner/outside/in");
  EXPECT_EQ(result.output, "inside second\nthird\n") << result;
}

TEST_P(Redirect, a_loop_over_a_list_sees_every_line_of_it) {
  const auto result =
      shell("while read line; do awf $QUIET -- \"echo $line\"; done < /home/runner/outside/in");
  EXPECT_EQ(result.output, "first\nsecond\nthird\n") << result;
}

TEST_P(Redirect, large_files_pass_whole) {
  const auto result = shell(
      "head -c 20000000 /dev/urandom > /tmp/much; awf $QUIET -- cat < /tmp/much > /tmp/copy; "
      "echo $?; cmp /tmp/much /tmp/copy && echo same");
  EXPECT_EQ(result.output, "0\nsame\n") << result;
}

TEST_P(Redirect, two_streams_into_one_file_keep_their_order) {
  const auto result = shell(
      "awf $QUIET -- 'for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done' > /tmp/both 2>&1; "
      "cat /tmp/both");
  EXPECT_EQ(result.output, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nout 4\nerr 4\nout 5\nerr 5\n")
      << result;
}

TEST_P(Redirect, one_stream_into_a_file_leaves_the_other_as_it_is) {
  const auto result =
      shell("awf $QUIET -- 'echo out; echo err >&2; exit 6' > /tmp/out; echo $?; cat /tmp/out");
  EXPECT_EQ(result.output, "6\nout\n") << result;
  EXPECT_EQ(result.errors, "err\n");
}

// connect(2) on a connected socket, after AF_UNSPEC, goes anywhere from the network where the
// socket was made, which is the machine's own.
TEST_P(Redirect, NET_13_a_socket_as_a_standard_stream_carries_bytes_and_nothing_more) {
  world.plant_file("/home/runner/work/repo/repo/serve.py",
                   "import socket, subprocess\n"
                   "s = socket.create_connection(('93.184.216.34', 22))\n"
                   "subprocess.run(['awf', '--log-level', 'error', '--', '/usr/bin/python3', "
                   "'attack.py'], stdin=s)\n");
  world.plant_file("/home/runner/work/repo/repo/attack.py",
                   "import socket, struct, sys\n"
                   "print(sys.stdin.readline().strip())\n"
                   "for fd in (0, 1, 2):\n"
                   "    try:\n"
                   "        s = socket.socket(fileno=fd)\n"
                   "        s.connect(('8.8.8.8', 443))\n"
                   "        print('connected')\n"
                   "    except OSError as e:\n"
                   "        print(e.strerror)\n");
  const auto result = shell("/usr/bin/python3 serve.py");
  EXPECT_THAT(result.output, HasSubstr("canary")) << result;
  EXPECT_THAT(result.output, HasSubstr("Socket operation on non-socket"));
  EXPECT_THAT(result.output, Not(HasSubstr("connected")));
  EXPECT_THAT(world.packets_to_others({"93.184.216.34"}), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
