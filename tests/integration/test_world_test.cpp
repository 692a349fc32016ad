// The test world itself: what every other test takes for granted. A world that lets a test pass for
// the wrong reason is worse than none, so each witness is shown to see what it must see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

#include "support/world.hpp"

namespace {

using namespace awf::test_world;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

CommandResult shell(World& world, const std::string& line, const RunOptions& options = {}) {
  return world.run_in_machine({"/bin/sh", "-c", line}, options);
}

TEST(TestWorld, serves_https_with_a_certificate_that_the_machine_trusts) {
  World world = World::start();
  const auto result = shell(world, "curl -fsS https://github.com");
  EXPECT_EQ(result.output, "hello from github.com\n") << result;
  EXPECT_EQ(result.exit_code, 0);
}

TEST(TestWorld, speaks_http_2_and_both_families) {
  World world = World::start();
  EXPECT_EQ(shell(world, "curl -4fsS https://github.com/protocol").output, "HTTP/2.0\n");
  EXPECT_EQ(shell(world, "curl -6fsS --http1.1 https://github.com/protocol").output, "HTTP/1.1\n");
}

TEST(TestWorld, records_every_destination_and_every_name) {
  World world = World::start();
  EXPECT_THAT(world.packets(), IsEmpty());
  shell(world,
        "curl -4sS http://example.org >/dev/null; dig +tries=1 +time=1 secret.denied.org @9.9.9.9;"
        "ping -c 1 -W 1 8.8.4.4; curl -sS --max-time 1 http://1.2.3.4:4444");
  EXPECT_THAT(world.packets_to_others(),
              ElementsAre(Packets{"icmp", "8.8.4.4", 0}, Packets{"tcp", "1.2.3.4", 4444},
                          Packets{"tcp", "93.184.216.34", 80}, Packets{"udp", "9.9.9.9", 53}));
  EXPECT_THAT(world.dns_queries(), Contains("A example.org"));
  EXPECT_THAT(world.dns_queries(), Contains("A secret.denied.org"));
  const auto requests = world.web_requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].host, "example.org");
  EXPECT_EQ(requests[0].status, 200);
}

TEST(TestWorld, forgets_and_silences_on_request) {
  World world = World::start();
  shell(world, "curl -4sS http://example.org >/dev/null");
  world.forget_packets();
  EXPECT_THAT(world.packets(), IsEmpty());
  world.silence("1.2.3.4");
  EXPECT_EQ(shell(world, "curl -sS --connect-timeout 1 http://1.2.3.4").exit_code, 28);
  EXPECT_THAT(world.packets_to_others(), ElementsAre(Packets{"tcp", "1.2.3.4", 80}));
}

TEST(TestWorld, has_no_ipv4_or_no_ipv6_when_asked) {
  World only4 = World::start({.ipv4 = true, .ipv6 = false});
  EXPECT_EQ(shell(only4, "curl -fsS https://github.com").exit_code, 0);
  EXPECT_NE(shell(only4, "curl -6fsS https://github.com").exit_code, 0);
  World only6 = World::start({.ipv4 = false, .ipv6 = true});
  EXPECT_EQ(shell(only6, "curl -fsS https://github.com").exit_code, 0);
  EXPECT_NE(shell(only6, "curl -4fsS https://github.com").exit_code, 0);
}

TEST(TestWorld, worlds_do_not_see_each_other) {
  World one = World::start();
  World other = World::start();
  shell(one, "curl -sS http://example.org; echo private >/tmp/file");
  EXPECT_THAT(other.packets(), IsEmpty());
  EXPECT_FALSE(other.file("/tmp/file").has_value());
  EXPECT_EQ(one.file("/tmp/file"), "private\n");
}

TEST(TestWorld, wire_can_be_cut_and_mended) {
  World world = World::start();
  world.set_wire(false);
  EXPECT_NE(shell(world, "curl -fsS --max-time 1 http://93.184.216.34").exit_code, 0);
  world.set_wire(true);
  EXPECT_EQ(shell(world, "curl -4fsS --retry 9 --retry-all-errors http://93.184.216.34").exit_code,
            0);
}

TEST(TestWorld, relays_streams_status_and_user) {
  World world = World::start();
  RunOptions runner;
  runner.caller = Caller::kRootless;
  runner.input = "typed";
  const auto result = shell(world, "id -u; pwd; cat; echo wrong >&2; exit 42", runner);
  EXPECT_EQ(result.output, std::string("33\n") + kWorkspace + "\ntyped") << result;
  EXPECT_EQ(result.errors, "wrong\n");
  EXPECT_EQ(result.exit_code, 42);
  EXPECT_EQ(shell(world, "kill -TERM $$").exit_code, 143);
}

TEST(TestWorld, kills_at_the_limit_and_sees_who_survives) {
  World world = World::start();
  RunOptions hasty;
  hasty.limit = std::chrono::milliseconds(200);
  EXPECT_FALSE(shell(world, "setsid sleep 1000 & sleep 1000", hasty).ended);
  ASSERT_FALSE(world.processes().empty());
  EXPECT_FALSE(world.all_processes_end(std::chrono::milliseconds(50)));
  for (const auto& process : world.processes())
    (void)::kill(process.pid, SIGKILL);
  EXPECT_TRUE(world.all_processes_end());
}

TEST(TestWorld, talks_with_a_running_command) {
  World world = World::start();
  RunOptions interactive;
  interactive.input_stays_open = true;
  auto cat = world.spawn_in_machine({"cat"}, interactive);
  cat.write_input("one\n");
  EXPECT_TRUE(cat.wait_for_output("one\n"));
  cat.signal(SIGTERM);
  EXPECT_EQ(cat.finish().exit_code, 143);
}

TEST(TestWorld, transfers_git_repositories_and_known_bytes) {
  World world = World::start();
  const auto clone =
      shell(world, "git clone -q https://github.com/org/repo.git && cat repo/README");
  EXPECT_EQ(clone.output, "hello from the repository\n") << clone;
  const auto digest =
      shell(world,
            "curl -fsS https://github.com/bytes/1000000 | sha256sum | cut -d' ' -f1;"
            "curl -fsS https://github.com/digest/1000000;"
            "curl -fsS https://github.com/bytes/1000000 | curl -fsS -T - https://github.com/sum");
  EXPECT_THAT(digest.output, HasSubstr("1000000")) << digest;
  const std::string first = digest.output.substr(0, 64);
  EXPECT_EQ(digest.output, first + "\n" + first + " 1000000\n" + first + " 1000000\n");
}

TEST(TestWorld, plants_files_that_the_runner_owns) {
  World world = World::start();
  world.plant_file("/home/runner/.config/gh/hosts.yml", "secret", 0600);
  RunOptions runner;
  runner.caller = Caller::kRootless;
  EXPECT_EQ(
      shell(world, "cat /home/runner/.config/gh/hosts.yml; touch /home/runner/.config/new", runner)
          .output,
      "secret");
  EXPECT_EQ(world.file("/home/runner/.config/new"), "");
}

}  // namespace
