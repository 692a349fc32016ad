// What awf refuses: one line with what, where, why and what to do; exit code 125; nothing started.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/world.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::RunOptions;
using test_world::World;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class Refusals : public testing::Test {
 protected:
  // The command would leave a trace; the refusal must be one line that holds all of `parts`.
  void expect_refused(std::vector<std::string> arguments, const std::vector<std::string>& parts) {
    arguments.insert(arguments.end(), {"--", "echo RAN; touch ran"});
    expect_refused_as_is(arguments, parts);
  }

  void expect_refused_as_is(const std::vector<std::string>& arguments,
                            const std::vector<std::string>& parts, const RunOptions& options = {}) {
    const auto result = world.run_awf(arguments, options);
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_EQ(result.output, "") << result;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result;
    for (const auto& part : parts)
      EXPECT_THAT(result.errors, HasSubstr(part));
    EXPECT_FALSE(world.file(std::string(test_world::kWorkspace) + "/ran"));
    EXPECT_THAT(world.processes(), IsEmpty());
    EXPECT_THAT(world.packets(), IsEmpty());
  }

  World world = World::start();
};

TEST_F(Refusals, HTTP_14_RUN_05_each_bad_domain_is_refused_with_its_reason) {
  expect_refused({"--allow-domains", ""}, {"--allow-domains"});
  expect_refused({"--allow-domains", "*"}, {"--allow-domains", "\"*\""});
  expect_refused({"--allow-domains", "com"}, {"--allow-domains", "\"com\""});
  expect_refused({"--allow-domains", "github.com,a..b"}, {"--allow-domains", "\"a..b\""});
  expect_refused({"--allow-domains", "http://"}, {"--allow-domains", "\"http://\""});
  expect_refused({"--allow-domains", "a\tb.com"}, {"--allow-domains", "\\x09"});
  expect_refused({"--allow-domains", "a.com\nb.com"}, {"--allow-domains"});
  expect_refused({"--allow-domains", "*.github.io"}, {"--allow-domains", "\"*.github.io\""});
}

TEST_F(Refusals, S8_G8_RUN_16_mistakes_of_the_command_line_are_refused) {
  expect_refused({"--allow-domain", "a.com"}, {"did you mean --allow-domains?"});
  expect_refused({"--allow-domains", "a.com", "curl"}, {"stray word \"curl\""});
  expect_refused_as_is({"--allow-domains", "a.com"}, {"no command"});
  expect_refused_as_is({"--allow-domains", "a.com", "--"}, {"no command"});
  expect_refused_as_is({"curl", "https://a.com"}, {"stray word \"curl\""});
  expect_refused({"--dns-servers", "not:an:ipv6"}, {"\"not:an:ipv6\""});
  expect_refused({"--agent-timeout", "-1"}, {"--agent-timeout"});
  expect_refused({"--env", "NOVALUE"}, {"NAME=VALUE"});
  expect_refused({"--mount", "/nonexistent:/x"}, {"/nonexistent"});
  expect_refused({"--allow-private-addresses", "10.0.0.1/8"}, {"10.0.0.1/8"});
}

TEST_F(Refusals, S8_G8_a_file_that_cannot_be_used_is_named_with_its_line) {
  expect_refused({"--allow-domains-file", "/home/runner/none.txt"}, {"/home/runner/none.txt"});
  world.plant_file("/home/runner/domains.txt", "github.com\n# fine\nexample.org, com\n");
  expect_refused({"--allow-domains-file", "/home/runner/domains.txt"},
                 {"domains.txt:3", "\"com\""});
}

TEST_F(Refusals, RUN_05_a_program_of_the_chain_that_is_missing_means_nothing_runs) {
  // In the order in which they are started: each time one more is there.
  std::string there = "awf";
  for (const std::string missing : {"awf-workspace", "awf-egress-proxy", "awf-firewall"}) {
    const auto result = world.run_in_machine({"/bin/bash", "-c",
                                              "mkdir -p /tmp/part && cp /opt/awf/bin/" + there +
                                                  " /tmp/part/ && /tmp/part/awf -- "
                                                  "'touch ran'"});
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_THAT(result.errors, HasSubstr("/tmp/part/" + missing));
    there = missing;
  }
  EXPECT_FALSE(world.file(std::string(test_world::kWorkspace) + "/ran"));
}

// A user namespace of its own lets the test switch user namespaces off for whoever is inside; awf
// is started there without capabilities, so that it has no other way.
TEST_F(Refusals, RUN_05_RUN_09_without_user_namespaces_a_rootless_run_is_refused_with_the_remedy) {
  RunOptions options;
  options.caller = Caller::kRootless;
  const std::string without_namespaces =
      "echo 0 > /proc/sys/user/max_user_namespaces || exit 9;"
      "exec setpriv --bounding-set=-all --inh-caps=-all /opt/awf/bin/awf -- 'touch ran'";
  const auto result = world.run_in_machine(
      {"/usr/bin/unshare", "-Ur", "/bin/bash", "-c", without_namespaces}, options);
  EXPECT_EQ(result.exit_code, 125) << result;
  EXPECT_THAT(result.errors, AllOf(HasSubstr("max_user_namespaces"), HasSubstr("sudo")));
  EXPECT_LT(result.duration, std::chrono::seconds(1));
}

TEST_F(Refusals, many_entries_are_no_reason_to_refuse) {
  std::string list = "example.org";
  for (int i = 0; i < 5000; ++i)
    list += "\nhost" + std::to_string(i) + ".example.com";
  world.plant_file("/home/runner/domains.txt", list);
  const auto result = world.run_awf({"--allow-domains-file", "/home/runner/domains.txt", "--",
                                     "curl -fsS -o /dev/null https://example.org/"});
  EXPECT_EQ(result.exit_code, 0) << result;
}

TEST_F(Refusals, the_plan_is_printed_and_nothing_is_run) {
  const auto result = world.run_awf({"plan", "--allow-domains", "example.org,github.com:22",
                                     "--block-domains", "bad.example.org", "--", "touch ran"});
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const auto* part : {"awf-firewall", "awf-mask-credentials", "awf-exit-relay", "awf-confine",
                           "awf-self-test", "awf-unset-tokens", "awf-egress-proxy",
                           "allow github.com:22", "block bad.example.org", "table inet"}) {
    EXPECT_THAT(result.output, HasSubstr(part));
  }
  EXPECT_FALSE(world.file(std::string(test_world::kWorkspace) + "/ran"));
  EXPECT_THAT(world.processes(), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
