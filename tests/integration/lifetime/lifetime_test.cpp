// What lives how long: awf killed at any moment leaves nothing, its signals reach the command, two
// runs do not meet, and the machine's network never differs. Judged by what the machine looks like.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <thread>

#include "support/world.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::RunOptions;
using test_world::World;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Everything of the machine's network configuration, and what holds namespaces and mounts. Cgroups
// are the whole computer's, where tests beside this one have theirs: limits_test looks at them.
std::string snapshot(World& world) {
  const auto result = world.run_in_machine(
      {"/bin/bash", "-c",
       "export PATH=$PATH:/usr/sbin; ip -d addr; ip -4 route show table all; ip -6 route show "
       "table "
       "all; ip rule; ip -6 rule; nft list ruleset; ss -Hltnu; ss -Hlx | wc -l; "
       "readlink /proc/self/ns/net /proc/self/ns/mnt; cat /proc/self/mountinfo; "
       "ls -A /tmp /run /var/tmp"});
  EXPECT_EQ(result.exit_code, 0) << result;
  // Lifetimes of addresses count down, and cached routes come and go.
  std::string text;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("valid_lft") == std::string::npos && line.find("cache") == std::string::npos) {
      text += line + "\n";
    }
  }
  return text;
}

class Lifetime : public testing::TestWithParam<Caller> {
 protected:
  RunOptions options() const {
    RunOptions options;
    options.caller = GetParam();
    return options;
  }
  World world = World::start();
};

std::string caller_name(const testing::TestParamInfo<Caller>& tested) {
  if (tested.param == Caller::kRoot) return "root";
  return tested.param == Caller::kSudo ? "sudo" : "rootless";
}

INSTANTIATE_TEST_SUITE_P(Callers, Lifetime,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

constexpr const char* kStubborn =
    "trap '' TERM INT HUP; (setsid sleep 1000 &) ; (setsid setsid sleep 1000 &) ; "
    "curl -sS https://example.org/ >/dev/null; echo started; sleep 1000 & wait; sleep 1000";

TEST_P(Lifetime, S8_G5_RUN_03_kill_9_during_the_command_leaves_nothing) {
  const std::string before = snapshot(world);
  for (int round = 0; round < 5; ++round) {
    auto run = world.spawn_awf({"--allow-domains", "example.org", "--", kStubborn}, options());
    ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
    EXPECT_EQ(snapshot(world), before) << "while the command runs";
    run.signal(SIGKILL);
    EXPECT_EQ(run.finish().exit_code, 137);
    ASSERT_TRUE(world.all_processes_end());
  }
  EXPECT_EQ(snapshot(world), before);
}

// From the first instruction on: the delays cover the set-up, which takes some 30 ms.
TEST_P(Lifetime, S8_G5_RUN_04_kill_9_at_20_random_moments_leaves_nothing) {
  const std::string before = snapshot(world);
  std::mt19937 random(20261123);  // NOLINT(cert-msc32-c,cert-msc51-cpp): repeatable on purpose
  std::uniform_int_distribution<int> microseconds(0, 60000);
  for (int round = 0; round < 20; ++round) {
    auto run = world.spawn_awf({"--allow-domains", "example.org", "--", kStubborn}, options());
    std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
    run.signal(SIGKILL);
    run.finish();
    ASSERT_TRUE(world.all_processes_end()) << "round " << round;
  }
  EXPECT_EQ(snapshot(world), before);
  EXPECT_EQ(world.run_awf({"--allow-domains", "example.org", "--", "true"}, options()).exit_code,
            0);
}

TEST_P(Lifetime, S2_07_S2_G5_an_ordinary_end_leaves_nothing_either) {
  const std::string before = snapshot(world);
  const auto result = world.run_awf(
      {"--allow-domains", "example.org", "--", "(setsid sleep 1000 &); exit 3"}, options());
  EXPECT_EQ(result.exit_code, 3) << result;
  EXPECT_THAT(world.processes(), IsEmpty());
  EXPECT_EQ(snapshot(world), before);
}

TEST_P(Lifetime, S8_G6_an_interrupt_reaches_the_command_and_the_code_is_130) {
  auto run = world.spawn_awf({"--", "echo started; exec sleep 1000"}, options());
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  run.signal(SIGINT);
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 130) << result;
  EXPECT_THAT(world.processes(), IsEmpty());
}

TEST_P(Lifetime, RUN_02_a_command_may_clean_up_on_SIGTERM_and_its_code_is_kept) {
  auto run = world.spawn_awf(
      {"--", "trap 'echo cleaned; exit 7' TERM; echo started; while :; do sleep 1 & wait; done"},
      options());
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  run.signal(SIGTERM);
  const auto result = run.finish();
  EXPECT_EQ(result.exit_code, 7) << result;
  EXPECT_THAT(result.output, HasSubstr("cleaned"));
}

TEST_P(Lifetime, S8_E2_the_third_interrupt_ends_a_command_that_ignores_them) {
  auto run = world.spawn_awf(
      {"--", "trap 'echo ignored' TERM INT; echo started; while :; do sleep 1 & wait; done"},
      options());
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  run.signal(SIGINT);
  ASSERT_TRUE(run.wait_for_output("ignored")) << run.errors();
  run.signal(SIGTERM);
  ASSERT_TRUE(run.wait_for_output("ignored\nignored")) << run.errors();
  run.signal(SIGTERM);
  EXPECT_EQ(run.finish().exit_code, 137);
  EXPECT_THAT(world.processes(), IsEmpty());
}

TEST_P(Lifetime, RUN_01_the_time_limit_ends_the_command_with_124) {
  const auto result = world.run_awf(
      {"--agent-timeout", "1s", "--", "(setsid sleep 1000 &); sleep 1000"}, options());
  EXPECT_EQ(result.exit_code, 124) << result;
  EXPECT_THAT(world.processes(), IsEmpty());
}

// Each reaches its own domain and not the other's, at the same time.
TEST_P(Lifetime, RUN_04_two_runs_with_different_policies_do_not_influence_each_other) {
  const std::string probe =
      "echo ready; read go; curl -sS -o /dev/null -w 'org=%{http_code}\\n' https://example.org/; "
      "curl -sS -o /dev/null -w 'com=%{http_code}\\n' https://example.com/; true";
  RunOptions open = options();
  open.input_stays_open = true;
  auto first = world.spawn_awf({"--allow-domains", "example.org", "--", probe}, open);
  auto second = world.spawn_awf({"--allow-domains", "example.com", "--", probe}, open);
  ASSERT_TRUE(first.wait_for_output("ready")) << first.errors();
  ASSERT_TRUE(second.wait_for_output("ready")) << second.errors();
  first.write_input("go\n");
  second.write_input("go\n");
  const auto org = first.finish();
  const auto com = second.finish();
  EXPECT_THAT(org.output, HasSubstr("org=200\ncom=000"));
  EXPECT_THAT(com.output, HasSubstr("org=000\ncom=200"));
}

TEST_P(Lifetime, S8_G3_NET_33_a_killed_egress_proxy_is_started_again_and_nothing_opens_meanwhile) {
  RunOptions open = options();
  open.input_stays_open = true;
  auto run = world.spawn_awf(
      {"--allow-domains", "example.org", "--",
       "curl -sS -o /dev/null -w 'first=%{http_code}\\n' https://example.org/; echo ready; read go;"
       "curl -sS -o /dev/null -w 'second=%{http_code}\\n' https://example.org/;"
       "curl -sS -m 5 https://attacker.net/; echo denied=$?"},
      open);
  ASSERT_TRUE(run.wait_for_output("ready")) << run.errors();
  for (const auto& process : world.processes()) {
    if (process.command_line.find("awf-egress-proxy") != std::string::npos) {
      ASSERT_EQ(::kill(process.pid, SIGKILL), 0);
    }
  }
  ASSERT_TRUE(run.wait_for_errors("egress proxy ended")) << run.errors();
  run.write_input("go\n");
  const auto result = run.finish();
  EXPECT_THAT(result.output, HasSubstr("first=200"));
  EXPECT_THAT(result.output, HasSubstr("second=200"));
  EXPECT_THAT(result.output, Not(HasSubstr("denied=0")));
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

TEST_P(Lifetime, S8_G3_a_proxy_that_is_killed_again_and_again_leaves_the_network_shut_at_once) {
  RunOptions open = options();
  open.input_stays_open = true;
  auto run =
      world.spawn_awf({"--allow-domains", "example.org", "--",
                       "echo ready; read go; curl -sS -m 20 https://example.org/; echo code=$?; "
                       "echo slow=$((SECONDS > 15))"},
                      open);
  ASSERT_TRUE(run.wait_for_output("ready")) << run.errors();
  // A restarted proxy is found and killed at the next look; six deaths are enough.
  for (int look = 0; look < 1000; ++look) {
    if (run.wait_for_errors("stays shut", std::chrono::milliseconds(10))) break;
    for (const auto& process : world.processes()) {
      if (process.command_line.find("awf-egress-proxy") != std::string::npos) {
        (void)::kill(process.pid, SIGKILL);  // it may have ended meanwhile
      }
    }
  }
  ASSERT_THAT(run.errors(), HasSubstr("stays shut"));
  run.write_input("go\n");
  const auto result = run.finish();
  EXPECT_THAT(result.output, Not(HasSubstr("code=0"))) << result;
  EXPECT_THAT(result.output, HasSubstr("slow=0")) << result;
}

TEST_P(Lifetime, closed_streams_and_an_ignored_SIGCHLD_of_the_caller_change_nothing) {
  const auto result = world.run_in_machine(
      {"/bin/bash", "-c",
       "trap '' CHLD; awf --allow-domains example.org --audit-dir /home/runner/awf-audit -- "
       "'curl -s https://denied.test; exit 7' 0<&- 2>&-; echo code=$?; "
       "grep -vc '^{' /home/runner/awf-audit/audit.jsonl"},
      options());
  EXPECT_EQ(result.output, "code=7\n0\n") << result;
}

}  // namespace
}  // namespace awf::integration
