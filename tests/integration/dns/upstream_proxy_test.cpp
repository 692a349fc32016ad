// --upstream-proxy: allowed connections leave through the proxy of the machine's network, here a
// tinyproxy of the internet, and nothing else leaves. Judged by the machine's packets and the
// proxy's log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::Packets;
using test_world::RunningCommand;
using test_world::RunOptions;
using test_world::World;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kProxyAddress = "20.70.0.1";
const std::vector<std::string> kFlag{"--upstream-proxy", "http://20.70.0.1"};
constexpr const char* kDirect = "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy; ";

class UpstreamProxy : public testing::TestWithParam<Caller> {
 protected:
  // Debian's own configuration permits CONNECT to port 443 alone, as most companies do.
  RunningCommand start_proxy(const std::string& more = "") {
    const std::string configuration =
        "Port 3128\\nTimeout 60\\nMaxClients 100\\nLogLevel Info\\nConnectPort 443\\n"
        "ConnectPort 22\\n" +
        more;
    auto proxy = world.spawn_in_internet(
        {"/bin/bash", "-c",
         "printf '" + configuration +
             "' > /run/world/tinyproxy.conf; exec stdbuf -oL tinyproxy -d -c "
             "/run/world/tinyproxy.conf"});
    EXPECT_TRUE(proxy.wait_for_output("Accepting connections")) << proxy.output() << proxy.errors();
    return proxy;
  }

  CommandResult run(const std::vector<std::string>& flags, const std::string& line,
                    const std::vector<std::string>& environment = {},
                    const std::string& allow = "example.org,example.com") {
    std::vector<std::string> arguments{"--allow-domains", allow};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"--", line});
    RunOptions options;
    options.caller = GetParam();
    options.environment = environment;
    return world.run_awf(arguments, options);
  }

  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, UpstreamProxy, testing::Values(Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

TEST_P(UpstreamProxy, tls_and_http_leave_through_it_and_no_name_is_looked_up_here) {
  auto proxy = start_proxy();
  const std::string fetch =
      "curl -fsS https://example.org; curl -fsS http://www.example.org/; "
      "curl -fsS -d body http://example.com/echo?q=1";
  for (const std::string& prefix : {std::string(), std::string(kDirect)}) {
    const auto result = run(kFlag, prefix + fetch);
    EXPECT_EQ(result.output,
              "hello from example.org\nhello from www.example.org\nPOST /echo?q=1\nbody")
        << result;
    EXPECT_THAT(result.errors, HasSubstr("leave through the proxy 20.70.0.1:3128"));
  }
  EXPECT_THAT(world.packets(), ElementsAre(Packets{"tcp", kProxyAddress, 3128}));
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_TRUE(proxy.wait_for_output("CONNECT example.org:443 HTTP/1.1"));
  EXPECT_TRUE(proxy.wait_for_output("GET http://www.example.org/ HTTP/1.1"));
}

// Its first bytes may follow the proxy's reply in one packet; none may be lost or doubled.
TEST_P(UpstreamProxy, a_server_that_speaks_first_is_heard_from_its_first_byte) {
  auto proxy = start_proxy();
  for (int i = 0; i < 5; ++i) {
    const auto result = run(kFlag,
                            "exec 3<>/dev/tcp/example.org/22; echo over >&3; "
                            "head -n 2 <&3",
                            {}, "example.org:22");
    EXPECT_EQ(result.output, "canary\nover\n") << result;
  }
  EXPECT_THAT(world.packets(), ElementsAre(Packets{"tcp", kProxyAddress, 3128}));
}

TEST_P(UpstreamProxy, DNS_24_a_denied_name_is_told_to_nobody) {
  auto proxy = start_proxy();
  const auto result = run(kFlag,
                          "curl -sS -m 5 https://c2VjcmV0.denied.org; curl -sS -m 5 "
                          "http://c2VjcmV0.denied.org; getent ahosts c2VjcmV0.denied.org; "
                          "curl -sS -m 5 --noproxy '*' https://c2VjcmV0.denied.org; echo $?");
  EXPECT_THAT(result.output, HasSubstr("6\n")) << result;
  EXPECT_THAT(world.packets(), IsEmpty());
  EXPECT_THAT(world.dns_queries(), IsEmpty());
}

// The proxy would look these names up in its own network, where we cannot vet the answer.
TEST_P(UpstreamProxy, DNS_12_private_names_and_addresses_are_not_asked_of_it) {
  auto proxy = start_proxy();
  const auto result =
      run(kFlag,
          "for h in metadata.google.internal printer.local router.lan 10.9.9.9 169.254.169.254; do "
          "curl -sS -m 5 http://$h/; echo; done",
          {}, "metadata.google.internal,printer.local,router.lan,10.9.9.9,169.254.169.254");
  EXPECT_THAT(result.output, HasSubstr("metadata.google.internal is no name of the internet"))
      << result;
  EXPECT_THAT(result.output, HasSubstr("printer.local is no name of the internet"));
  EXPECT_THAT(result.output, HasSubstr("10.9.9.9 is a private address"));
  EXPECT_THAT(result.output, HasSubstr("169.254.169.254 is a cloud metadata address"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(UpstreamProxy, its_own_name_is_looked_up_and_no_other) {
  auto proxy = start_proxy();
  const auto result =
      run({"--upstream-proxy", "http://www.example.com:3128/"}, "curl -fsS https://example.org");
  EXPECT_EQ(result.output, "hello from example.org\n") << result;
  EXPECT_THAT(world.dns_queries(), ElementsAre("A www.example.com", "AAAA www.example.com"));
}

TEST_P(UpstreamProxy, the_environment_s_proxy_is_the_default_and_no_proxy_domains_are_direct) {
  auto proxy = start_proxy();
  const auto result =
      run({}, "curl -fsS https://example.org; curl -fsS https://www.example.com; echo $https_proxy",
          {"https_proxy=http://20.70.0.1:3128", "HTTP_PROXY=http://20.70.0.1:3128/",
           "no_proxy=localhost,.example.com,10.0.0.0/8"});
  EXPECT_EQ(result.output,
            "hello from example.org\nhello from www.example.com\nhttp://localhost:3128\n")
      << result;
  EXPECT_THAT(result.errors, HasSubstr("no_proxy: \"10.0.0.0/8\" is ignored"));
  EXPECT_THAT(world.dns_queries(), ElementsAre("A www.example.com", "AAAA www.example.com"));
  EXPECT_THAT(world.packets_to_others({"93.184.215.15", "2606:2800:21f::15"}),
              ElementsAre(Packets{"tcp", kProxyAddress, 3128}));
}

TEST_P(UpstreamProxy, none_and_a_no_proxy_of_everything_ignore_the_environment_s) {
  for (const auto& [flags, no_proxy] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--upstream-proxy", "none"}, ""}, {{}, "*"}}) {
    const auto result = run(flags, "curl -fsS https://example.org",
                            {"https_proxy=http://20.70.0.1:3128", "no_proxy=" + no_proxy});
    EXPECT_EQ(result.output, "hello from example.org\n") << result;
  }
  EXPECT_THAT(world.packets(), Not(Contains(Packets{"tcp", kProxyAddress, 3128})));
}

// tinyproxy: BasicAuth. The password travels in the environment of awf and in no other program's.
TEST_P(UpstreamProxy, TOK_credentials_come_from_the_environment_and_the_command_has_none) {
  auto proxy = start_proxy("BasicAuth agent p4ssword\\n");
  const std::string fetch =
      "curl -fsS https://example.org; curl -fsS http://example.org; "
      "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | grep -a -c p4[s]s; env | grep -c p4[s]s";
  const auto result = run({}, fetch, {"https_proxy=http://agent:p4sswor%64@20.70.0.1:3128"});
  EXPECT_EQ(result.output, "hello from example.org\nhello from example.org\n0\n0\n") << result;
  EXPECT_THAT(result.errors, Not(HasSubstr("p4ss")));
  const auto without =
      run(kFlag, "curl -sSv --proxytunnel http://example.org:22/ 2>&1; true", {}, "example.org:22");
  EXPECT_THAT(without.output, HasSubstr("wants credentials")) << without;
  EXPECT_THAT(without.output, Not(HasSubstr("canary")));
}

TEST_P(UpstreamProxy, what_cannot_be_a_proxy_is_refused_before_anything_starts) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {"https://20.70.0.1", "http://"},
      {"socks5://20.70.0.1", "http://"},
      {"http://me:secret@20.70.0.1", "put the URL into the variable"},
      {"http://20.70.0.1/path", "has no path"},
      {"http://", "empty"},
      {"http://20.70.0.1:99999", "port"}};
  for (const auto& [url, reason] : bad) {
    const auto result = run({"--upstream-proxy", url}, "echo ran");
    EXPECT_EQ(result.exit_code, 125) << url << result;
    EXPECT_THAT(result.errors, HasSubstr("--upstream-proxy"));
    EXPECT_THAT(result.errors, HasSubstr(reason));
    EXPECT_THAT(result.errors, Not(HasSubstr("secret")));
    EXPECT_EQ(result.output, "");
  }
  const auto two =
      run({}, "echo ran",
          {"https_proxy=http://u:secret@20.70.0.1:3128", "http_proxy=http://20.70.0.2:3128"});
  EXPECT_EQ(two.exit_code, 125);
  EXPECT_THAT(two.errors, HasSubstr("choose one with --upstream-proxy"));
  EXPECT_THAT(two.errors, Not(HasSubstr("secret")));
}

TEST_P(UpstreamProxy, a_proxy_that_refuses_is_dead_or_is_none_is_a_clear_failure) {
  auto proxy = start_proxy();
  const auto refused = run(kFlag,
                           "curl -sS --http1.1 -m 20 http://example.org:8080/; "
                           "exec 3<>/dev/tcp/example.org/25; head -n 1 <&3; true",
                           {}, "example.org:25");
  EXPECT_THAT(refused.output, Not(HasSubstr("canary"))) << refused;
  // Port 22 of every address greets with "canary" and is no proxy.
  const auto none = run({"--upstream-proxy", "http://20.70.0.9:22"},
                        "curl -sS -m 20 --proxytunnel https://example.org; true");
  EXPECT_EQ(none.exit_code, 0) << none;
  EXPECT_THAT(none.output, Not(HasSubstr("hello")));
  EXPECT_THAT(world.packets_to_others({kProxyAddress, "20.70.0.9"}), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
