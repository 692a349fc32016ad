// The attack: what decides is fed by what the command can write: the policy's file in the checkout,
// the hosts file and resolver configuration that the proxy resolves with, certificates, variables.
// The layers that must stop it: the policy is read once, before the command starts, and handed over
// in a sealed memory file; everything else that the proxy reads lies outside what the command can
// write; its environment is ours.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "attack.hpp"
#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::attack {
namespace {

namespace fs = std::filesystem;
using test_world::kAuditDirectory;
using test_world::kWorkspace;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ProxyInputAttack : public testing::TestWithParam<Caller> {
 protected:
  [[nodiscard]] static RunOptions options() {
    RunOptions chosen;
    chosen.caller = GetParam();
    return chosen;
  }
  // Of the egress proxy, as the host sees it.
  pid_t proxy() {
    for (const auto& process : world.processes()) {
      if (process.command_line.find("awf-egress-proxy") != std::string::npos) return process.pid;
    }
    ADD_FAILURE() << "no egress proxy runs";
    return -1;
  }
  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, ProxyInputAttack,
                         testing::Values(Caller::kRoot, Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(ProxyInputAttack, RUN_10_FS_15_a_policy_in_the_checkout_cannot_be_changed_during_the_run) {
  const std::string policy = std::string(kWorkspace) + "/policy/allow.txt";
  world.plant_file(policy, "example.org\n");
  world.plant_file(std::string(kWorkspace) + "/policy/block.txt", "www.example.org\n");
  // Root without capabilities can change what is its own alone.
  if (GetParam() == Caller::kRoot) (void)world.run_in_machine({"/bin/chown", "-R", "0:0", "."});
  constexpr const char* kChange =
      "echo attacker.net >>policy/allow.txt; : >policy/block.txt; mv policy moved; mkdir policy; "
      "echo '*' >policy/allow.txt; echo changed; read again; "
      "for n in attacker.net www.example.org example.org; do curl -sS https://$n/ || echo no $n; "
      "done";
  auto chosen = options();
  chosen.input_stays_open = true;
  auto run = world.spawn_awf({"--allow-domains-file", policy, "--block-domains-file",
                              "policy/block.txt", "--audit-dir", kAuditDirectory, "--", kChange},
                             chosen);
  ASSERT_TRUE(run.wait_for_output("changed")) << run.errors();
  ASSERT_EQ(world.file(policy), "*\n");
  // A proxy that starts again reads nothing anew either.
  ASSERT_EQ(::kill(proxy(), SIGKILL), 0);
  ASSERT_TRUE(run.wait_for_errors("ended unexpectedly"));
  run.write_input("\n");
  const auto result = run.finish();
  EXPECT_THAT(result.output, HasSubstr("no attacker.net")) << result;
  EXPECT_THAT(result.output, HasSubstr("no www.example.org"));
  EXPECT_THAT(result.output, HasSubstr("hello from example.org"));
  for (const auto& request : world.web_requests())
    EXPECT_EQ(request.host, "example.org");
}

TEST_P(ProxyInputAttack, FS_15_the_proxy_holds_no_file_and_no_variable_of_the_commands_making) {
  auto run =
      world.spawn_awf({"--allow-domains", "example.org", "--", "echo started; sleep 1000"}, [] {
        auto chosen = options();
        chosen.environment = {"LD_PRELOAD_X=1",       "HOSTALIASES=/tmp/x", "RES_OPTIONS=ndots:9",
                              "LOCALDOMAIN=evil.net", "CARES_HOSTS=/tmp/x", "SSL_CERT_FILE=/tmp/x"};
        return chosen;
      }());
  ASSERT_TRUE(run.wait_for_output("started")) << run.errors();
  const std::string place = "/proc/" + std::to_string(proxy());
  for (const auto& entry : fs::directory_iterator(place + "/fd")) {
    const auto target = fs::read_symlink(entry.path()).string();
    const bool harmless = target.rfind("socket:", 0) == 0 || target.rfind("pipe:", 0) == 0 ||
                          target.rfind("anon_inode:", 0) == 0 || target.rfind("/memfd:", 0) == 0 ||
                          target == "/dev/null";
    EXPECT_TRUE(harmless) << target;
  }
  EXPECT_THAT(fs::read_symlink(place + "/cwd").string(), Not(HasSubstr("/tmp")));
  std::ifstream environ(place + "/environ");
  const std::string variables{std::istreambuf_iterator<char>(environ), {}};
  EXPECT_THAT(variables, HasSubstr("LC_ALL="));
  for (const auto* name :
       {"LD_PRELOAD", "HOSTALIASES", "RES_OPTIONS", "LOCALDOMAIN", "CARES", "SSL_CERT"}) {
    EXPECT_THAT(variables, Not(HasSubstr(name)));
  }
}

TEST_P(ProxyInputAttack, FS_15_what_the_proxy_resolves_with_is_out_of_the_commands_reach) {
  const auto result = world.run_awf(
      {"--allow-domains", "example.org", "--",
       "for f in /etc/hosts /etc/resolv.conf /etc/nsswitch.conf /etc/gai.conf /etc/host.conf "
       "/etc/services /etc/ssl/certs/ca-certificates.crt /etc/ssl/openssl.cnf; do "
       "echo '198.41.30.7 example.org' >>$f; rm -f $f; mv $f $f.x; done 2>/dev/null; "
       "echo '198.41.30.7 example.org' >~/hosts; export HOSTALIASES=~/hosts CARES_HOSTS=~/hosts; "
       "curl -sS https://example.org/"},
      options());
  EXPECT_THAT(result.output, HasSubstr("hello from example.org")) << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
  EXPECT_THAT(world.file("/etc/hosts").value_or(""), Not(HasSubstr("example.org")));
}

}  // namespace
}  // namespace awf::attack
