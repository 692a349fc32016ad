// awf-firewall runs the next program after "go" and in no other case.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "host_network.hpp"
#include "sandbox.hpp"

namespace awf::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::chrono::seconds kGenerous{20};

struct Ended {
  int exit_code = -1;
  std::string output;
};

Ended ended(Firewall firewall) {
  Ended result;
  result.output = read_output(firewall.output.get());
  result.exit_code = exit_code::from_wait_status(firewall.process.wait());
  return result;
}

class FirewallRefusal : public testing::TestWithParam<Mode> {};
INSTANTIATE_TEST_SUITE_P(, FirewallRefusal, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

const std::vector<std::string> kSayRan = {"sh", "-c", "echo ran; ls -l /proc/self/fd; exit 7"};

TEST_P(FirewallRefusal, RunsTheNextProgramAfterGoWithoutAnySocketOfOurs) {
  auto firewall = start_firewall(GetParam(), {}, kSayRan);
  ASSERT_TRUE(firewall.control.receive(kGenerous));
  firewall.control.send("go");
  const auto result = ended(std::move(firewall));
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(result.output, AllOf(StartsWith("ran"), Not(HasSubstr("socket:"))));
}

TEST_P(FirewallRefusal, RunsNothingWhenTheSupervisorEnds) {
  auto firewall = start_firewall(GetParam(), {}, kSayRan);
  ASSERT_TRUE(firewall.control.receive(kGenerous));
  firewall.control = MessageChannel(UniqueFd());
  const auto result = ended(std::move(firewall));
  EXPECT_EQ(result.exit_code, exit_code::kRefused);
  EXPECT_EQ(result.output, "awf-firewall: the supervisor ended before it said go\n");
}

TEST_P(FirewallRefusal, RunsNothingWhenTheSupervisorSaysAnythingElse) {
  auto firewall = start_firewall(GetParam(), {}, kSayRan);
  ASSERT_TRUE(firewall.control.receive(kGenerous));
  firewall.control.send("go on");
  const auto result = ended(std::move(firewall));
  EXPECT_EQ(result.exit_code, exit_code::kRefused);
  EXPECT_EQ(result.output, "awf-firewall: the supervisor did not say go\n");
}

TEST_P(FirewallRefusal, RunsNothingWhenTheSupervisorIsGoneBeforeTheListenersAreSent) {
  auto firewall = start_firewall(GetParam(), {}, kSayRan);
  firewall.control = MessageChannel(UniqueFd());
  const auto result = ended(std::move(firewall));
  EXPECT_EQ(result.exit_code, exit_code::kRefused);
  EXPECT_THAT(result.output, AllOf(StartsWith("awf-firewall: "), Not(HasSubstr("ran"))));
}

// Output and exit code of a shell script in which $FIREWALL is the program.
Ended run_script(const std::string& script) {
  (void)host_network();
  SpawnPlan plan;
  plan.program = "/bin/sh";
  plan.argv = {"sh", "-c", script};
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                      "FIREWALL=" AWF_BIN_DIR "/awf-firewall"};
  Pipe output = make_pipe();
  plan.fds = {{1, output.write_end.get()}, {2, output.write_end.get()}};
  Child child = Child::spawn(plan);
  output.write_end.reset();
  Ended result;
  result.output = read_output(output.read_end.get());
  result.exit_code = exit_code::from_wait_status(child.wait());
  return result;
}

TEST(FirewallRefusals, WithoutPrivilegeTheRemedyIsNamed) {
  const auto result = run_script(
      "exec setpriv --reuid 33 --regid 33 --clear-groups $FIREWALL --control-fd 1 -- echo ran");
  EXPECT_EQ(result.exit_code, exit_code::kRefused);
  EXPECT_EQ(result.output,
            "awf-firewall: making a network namespace: Operation not permitted; run awf as root, "
            "or rootless with --user-namespace\n");
}

TEST(FirewallRefusals, WhereTheKernelGivesNoUserNamespaceNothingRuns) {
  const auto result = run_script(
      "exec unshare --user --map-root-user sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; "
      "exec $FIREWALL --user-namespace --control-fd 1 -- echo ran'");
  EXPECT_EQ(result.exit_code, exit_code::kRefused);
  EXPECT_THAT(result.output, HasSubstr("unprivileged user namespaces are not available here"));
}

TEST(FirewallRefusals, ADescriptorThatIsNoChannelEndsTheProgramBeforeTheNextOne) {
  const auto result = run_script("exec $FIREWALL --control-fd 1 -- echo ran");
  EXPECT_EQ(result.exit_code, exit_code::kRefused);
  EXPECT_THAT(result.output,
              AllOf(StartsWith("awf-firewall: sending a message"), Not(HasSubstr("ran\n"))));
}

TEST(FirewallRefusals, PrintsItsRulesWithoutPrivilege) {
  const auto result =
      run_script("exec setpriv --reuid 33 --regid 33 --clear-groups $FIREWALL --print-ruleset");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, StartsWith("table inet awf {"));
}

}  // namespace
}  // namespace awf::tests
