// What goes wrong inside looks as it does on any machine, at once, and leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::audit_records_of;
using testing::HasSubstr;
using testing::IsEmpty;

using Errors = test_world::AwfRun;
INSTANTIATE_TEST_SUITE_P(Modes, Errors, test_world::all_modes(), test_world::mode_name);

TEST_P(Errors, S8_01_a_blocked_domain_fails_the_client_and_stands_in_the_report) {
  const auto result = run("github.com", "curl -fsS https://attacker.net/");
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.exit_code, 125);
  EXPECT_THAT(result.errors, HasSubstr("--allow-domains \"attacker.net\"")) << result;
  EXPECT_FALSE(audit_records_of(world, "attacker.net", "deny").empty());
}

TEST_P(Errors, S8_02_a_local_port_without_a_server_refuses_at_once) {
  const auto result = run("github.com",
                          "curl -sS http://localhost:9/; echo $?; "
                          "curl -sS http://[::1]:9/; echo $?");
  EXPECT_EQ(result.output, "7\n7\n") << result;
  EXPECT_LT(result.duration, std::chrono::seconds(3));
}

TEST_P(Errors, S8_03_an_allowed_name_that_does_not_exist_fails_at_once_and_is_explained) {
  const auto result = run("github.com", "curl -fsS https://no-such-name.github.com/");
  EXPECT_NE(result.exit_code, 0) << result;
  EXPECT_LT(result.duration, std::chrono::seconds(5));
  EXPECT_THAT(world.dns_queries(), testing::Contains("A no-such-name.github.com"));
  const auto records = test_world::audit_records(world);
  const bool told = std::any_of(records.begin(), records.end(), [](const auto& record) {
    return record["name"] == "no-such-name.github.com" && record.contains("error");
  });
  EXPECT_TRUE(told) << result;
}

TEST_P(Errors, S8_05_what_the_user_may_not_read_stays_unreadable) {
  const auto result = run("github.com", "cat /etc/shadow");
  EXPECT_EQ(result.exit_code, 1) << result;
  EXPECT_EQ(result.output, "");
}

TEST_P(Errors, S8_06_a_missing_file_is_the_usual_error) {
  const auto result = run("github.com", "cat /no/such/file");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.errors, HasSubstr("cat: /no/such/file: No such file or directory"));
}

TEST_P(Errors, S8_09_a_command_that_ends_itself_leaves_nothing) {
  const auto result = run("github.com", "(setsid sleep 1000 &); kill -TERM $$");
  EXPECT_EQ(result.exit_code, 143) << result;
  EXPECT_THAT(world.processes(), IsEmpty());
  const auto left = world.run_in_machine({"/bin/sh", "-c", "ls -A /tmp /var/tmp /run"});
  EXPECT_EQ(left.output, "/run:\nlock\n\n/tmp:\n\n/var/tmp:\n");
}

TEST_P(Errors, S8_10_a_run_after_a_failing_one_is_unaffected) {
  EXPECT_NE(run("github.com", "curl -fsS https://attacker.net").exit_code, 0);
  EXPECT_EQ(run("not a domain", "true").exit_code, 125);
  const auto good = run("github.com", "curl -fsS https://github.com");
  EXPECT_EQ(good.exit_code, 0) << good;
  EXPECT_EQ(good.output, "hello from github.com\n");
}

// Where the computer has container tools, the world's machine is made to lose them: a device file
// over the program is nothing that PATH finds.
TEST_P(Errors, S8_G1_docker_is_neither_there_nor_needed) {
  const auto lost = world.run_in_machine(
      {"/bin/bash", "-c",
       "IFS=:; for d in $PATH; do for tool in docker dockerd containerd podman runc; do "
       "if [ -e $d/$tool ]; then mount --bind /dev/null $d/$tool || exit 1; fi; done; done; "
       "! test -e /run/docker.sock && ! docker --version && ! podman --version"});
  ASSERT_EQ(lost.exit_code, 0) << lost;
  const auto result = run("github.com", "curl -fsS https://github.com");
  EXPECT_EQ(result.exit_code, 0) << result;
}

// The wire is cut and mended under a running command.
TEST_P(Errors, S8_G4_an_outage_gives_errors_and_ends_without_a_restart) {
  auto patient = options();
  patient.input_stays_open = true;
  const std::string ask =
      "curl -fsS --max-time 2 --connect-timeout 2 https://github.com || echo down";
  auto command = world.spawn_awf(
      arguments("github.com", ask + "; read go; " + ask +
                                  "; read go; curl -fsS --retry 20 "
                                  "--retry-delay 1 --retry-all-errors https://github.com"),
      patient);
  ASSERT_TRUE(command.wait_for_output("hello from github.com\n")) << command.errors();
  world.set_wire(false);
  command.write_input("go\n");
  ASSERT_TRUE(command.wait_for_output("down\n")) << command.errors();
  world.set_wire(true);
  command.write_input("go\n");
  const auto result = command.finish();
  EXPECT_EQ(result.output, "hello from github.com\ndown\nhello from github.com\n") << result;
  EXPECT_EQ(result.exit_code, 0);
}

}  // namespace
}  // namespace awf::integration
