// What an address inside stands for is the same for the whole run, whatever happens to the proxy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::AwfRun;
using testing::HasSubstr;
using testing::IsEmpty;

using MappedNames = AwfRun;

INSTANTIATE_TEST_SUITE_P(
    Modes, MappedNames,
    testing::Values(test_world::Mode{test_world::Caller::kSudo, test_world::Door::kIntercept},
                    test_world::Mode{test_world::Caller::kRootless, test_world::Door::kIntercept}),
    test_world::mode_name);

// The command keeps the addresses and never asks again: a JVM caches answers for ever, and so does
// a pool of connections.
TEST_P(MappedNames, DNS_19_S8_G3_addresses_keep_their_names_when_the_proxy_is_started_again) {
  auto open = options();
  open.input_stays_open = true;
  auto command = world.spawn_awf(
      arguments("example.org,github.com",
                "a4=$(getent ahostsv4 www.example.org | head -n 1 | cut -d' ' -f1); "
                "b4=$(getent ahostsv4 github.com | head -n 1 | cut -d' ' -f1); "
                "a6=$(getent ahostsv6 www.example.org | head -n 1 | cut -d' ' -f1); "
                "echo ready; read go; "
                "curl -fsS --resolve github.com:443:$b4 https://github.com; "
                "curl -fsS --resolve www.example.org:443:$a4 https://www.example.org; "
                "curl -fsS --resolve www.example.org:80:[$a6] http://www.example.org; "
                "c4=$(getent ahostsv4 example.org | head -n 1 | cut -d' ' -f1); "
                "[ $c4 != $a4 ] && [ $c4 != $b4 ] && echo different; "
                "[ $a4 = $(getent ahostsv4 www.example.org | head -n 1 | cut -d' ' -f1) ] && "
                "echo same"),
      open);
  ASSERT_TRUE(command.wait_for_output("ready")) << command.errors();
  for (const auto& process : world.processes()) {
    if (process.command_line.find("awf-egress-proxy") != std::string::npos) {
      ASSERT_EQ(::kill(process.pid, SIGKILL), 0);
    }
  }
  ASSERT_TRUE(command.wait_for_errors("egress proxy ended")) << command.errors();
  command.write_input("go\n");
  const auto result = command.finish();
  EXPECT_EQ(result.output,
            "ready\nhello from github.com\nhello from www.example.org\n"
            "hello from www.example.org\ndifferent\nsame\n")
      << result;
}

TEST_P(MappedNames, DNS_19_a_wrong_port_of_a_mapped_address_and_one_without_a_name_are_refused) {
  const auto result = run("example.org",
                          "a=$(getent ahostsv4 example.org | head -n 1 | cut -d' ' -f1); "
                          "for p in 22 853 8443; do timeout 5 bash -c \"exec 3<>/dev/tcp/$a/$p; "
                          "head -n 1 <&3\"; done; "
                          "curl -sS -m 5 http://198.19.250.1/; echo unmapped=$?");
  EXPECT_THAT(result.output, HasSubstr("unmapped=")) << result;
  EXPECT_THAT(result.output, testing::Not(HasSubstr("unmapped=0")));
  EXPECT_THAT(result.output, testing::Not(HasSubstr("canary")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
