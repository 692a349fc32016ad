// A web client inside reaches an allowed domain as if nothing were between: each with the explicit
// proxy and intercepted, as root and rootless.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::audit_records_of;
using test_world::World;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Web = test_world::AwfRun;
INSTANTIATE_TEST_SUITE_P(Modes, Web, test_world::all_modes(), test_world::mode_name);

TEST_P(Web, S1_01_https_to_an_allowed_domain_gives_the_origins_body) {
  const auto result = run("github.com", "curl -fsS https://github.com");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "hello from github.com\n");
  EXPECT_THAT(world.packets_to_others({"140.82.112.3", "2606:50c0:8000::153"}), IsEmpty());
  const auto allowed = audit_records_of(world, "github.com", "allow");
  ASSERT_FALSE(allowed.empty());
  EXPECT_EQ(allowed.back()["rule"], "github.com");
}

TEST_P(Web, S1_02_a_domain_not_allowed_is_denied_before_any_packet_and_logged_with_the_reason) {
  const auto result = run("github.com", "curl -fsS https://attacker.net");
  EXPECT_NE(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(world.packets(), IsEmpty()) << "not even a lookup";
  const auto denied = audit_records_of(world, "attacker.net", "deny");
  ASSERT_FALSE(denied.empty());
  EXPECT_EQ(denied.front()["rule"], "default");
  EXPECT_THAT(denied.front()["reason"].get<std::string>(), HasSubstr("attacker.net"));
}

// The machine trusts the world's authority alone, whose key only the origin has: a certificate made
// on the way would not verify. The subject and issuer are what the client itself reports.
TEST_P(Web, S1_03_the_client_sees_the_origins_own_certificate) {
  const auto result = run("github.com", "curl -fsSv -o /dev/null https://github.com 2>&1");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, AllOf(HasSubstr("subject: CN=github.com"),
                                   HasSubstr("issuer: CN=AWF Test World Authority"),
                                   HasSubstr("SSL certificate verify ok")));
}

TEST_P(Web, S1_04_http_2_is_negotiated_with_the_origin) {
  const auto result =
      run("github.com", "curl -fsS -w '%{http_version}\\n' https://github.com/protocol");
  EXPECT_EQ(result.output, "HTTP/2.0\n2\n") << result;
}

TEST_P(Web, S1_05_http_1_1_can_be_forced) {
  const auto result = run("github.com", "curl -fsS --http1.1 https://github.com/protocol");
  EXPECT_EQ(result.output, "HTTP/1.1\n") << result;
}

TEST_P(Web, S1_06_plain_http_to_an_allowed_domain_works) {
  const auto result = run("github.com", "curl -fsS http://github.com");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_EQ(result.output, "hello from github.com\n");
}

TEST_P(Web, S1_07_custom_headers_reach_the_origin_unchanged) {
  for (const std::string scheme : {"http", "https"}) {
    const auto result = run("github.com",
                            "curl -fsS --http1.1 -H 'X-Custom: one, two;  three=\"4\"' "
                            "-H 'X-Empty;' -H 'Accept: a/b' " +
                                scheme + "://github.com/headers");
    EXPECT_THAT(result.output, AllOf(HasSubstr("X-Custom: one, two;  three=\"4\"\n"),
                                     HasSubstr("X-Empty: \n"), HasSubstr("Accept: a/b\n")))
        << scheme << result;
    EXPECT_THAT(result.output, Not(HasSubstr("roxy"))) << "nothing that tells of the way";
  }
}

TEST_P(Web, S1_08_a_custom_user_agent_reaches_the_origin) {
  run("github.com", "curl -fsS -A 'agent/1.0 (a; b)' http://github.com https://github.com");
  const auto requests = world.web_requests();
  ASSERT_EQ(requests.size(), 2U);
  for (const auto& request : requests)
    EXPECT_EQ(request.user_agent, "agent/1.0 (a; b)");
}

TEST_P(Web, S1_09_ipv4_can_be_forced_by_the_client) {
  const auto result = run("github.com", "curl -4fsS https://github.com");
  EXPECT_EQ(result.output, "hello from github.com\n") << result;
}

// getaddrinfo(3), AI_ADDRCONFIG: only families with an address that is not loopback are looked up,
// and clients such as `wget -4` ask so. Nothing but lo must not mean nothing found.
TEST_P(Web, S1_09_S1_10_a_family_can_be_forced_by_clients_that_ask_for_configured_families_only) {
  const auto result = run("github.com", "getent ahostsv4 github.com && getent ahostsv6 github.com");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, AllOf(HasSubstr("198.1"), HasSubstr("2001:2:")));
}

TEST_P(Web, S1_10_ipv6_can_be_forced_with_and_without_ipv6_on_the_host) {
  const std::string line = "curl -6fsS https://github.com";
  EXPECT_EQ(run("github.com", line).output, "hello from github.com\n");
  World only4 = World::start({.ipv4 = true, .ipv6 = false});
  const auto result = only4.run_awf(arguments("github.com", line), options());
  EXPECT_EQ(result.output, "hello from github.com\n") << result;
  EXPECT_THAT(only4.packets(), Contains(Field(&test_world::Packets::address, "140.82.112.3")));
}

TEST_P(Web, S1_11_the_clients_total_timeout_is_honoured) {
  const auto result = run("github.com", "curl -sS --max-time 1 https://github.com/hang");
  EXPECT_EQ(result.exit_code, 28) << result;
  EXPECT_GE(result.duration, std::chrono::milliseconds(1000));
  EXPECT_LT(result.duration, std::chrono::seconds(5));
}

TEST_P(Web, S1_12_a_connect_timeout_is_honoured_and_a_denial_does_not_need_it) {
  const auto denied = run("github.com", "curl -sS --connect-timeout 20 https://attacker.net");
  EXPECT_NE(denied.exit_code, 28) << denied;
  EXPECT_LT(denied.duration, std::chrono::seconds(3));
  world.silence("140.82.112.3");
  world.silence("2606:50c0:8000::153");
  const auto dead = run("github.com", "curl -sS --connect-timeout 1 https://github.com");
  EXPECT_EQ(dead.exit_code, 28) << dead;
  EXPECT_LT(dead.duration, std::chrono::seconds(5));
}

std::string json_request(const std::string& method, const std::string& url,
                         const std::string& body) {
  return "curl -fsS -X " + method + " -H 'Content-Type: application/json' -d '" + body + "' '" +
         url + "'";
}

TEST_P(Web, S1_G6_methods_and_json_bodies_reach_the_origin_intact) {
  const std::string body = R"({"text":"naïve \u00e9 & \"quoted\"","n":[1,2.5,null]})";
  for (const char* url :
       {"http://github.com/echo?q=1&r=%2F", "https://github.com/echo?q=1&r=%2F"}) {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
      const auto result = run("github.com", json_request(method, url, body));
      EXPECT_THAT(result.output, testing::StartsWith(method)) << url << result;
      EXPECT_THAT(result.output, testing::EndsWith(" /echo?q=1&r=%2F\n" + body)) << url;
    }
  }
}

// Ending at once must not be a way to keep a transfer out of the audit.
TEST_P(Web, S1_01_a_connection_that_is_open_when_the_command_ends_is_audited) {
  const auto result = run("github.com",
                          "mkfifo lines; curl -sSN https://github.com/trickle > lines & "
                          "read line < lines; echo $line; kill -KILL $$");
  EXPECT_EQ(result.output, "first line\n") << result;
  const auto allowed = audit_records_of(world, "github.com", "allow");
  ASSERT_EQ(allowed.size(), 1U);
  EXPECT_GT(allowed.front()["bytesDown"].get<int>(), 0);
}

// Stopped, the proxy stands for one that has not come up yet: the connection waits in the queue of
// the listener, which exists since before the command's first instruction.
TEST_P(Web, S1_E1_a_request_before_the_proxy_serves_waits_and_succeeds) {
  auto patient = options();
  patient.input_stays_open = true;
  auto command = world.spawn_awf(
      arguments("github.com", "echo ready; read go; echo asking; curl -fsS https://github.com"),
      patient);
  ASSERT_TRUE(command.wait_for_output("ready")) << command.errors();
  pid_t proxy = 0;
  for (const auto& process : world.processes()) {
    if (process.command_line.find("awf-egress-proxy") != std::string::npos) proxy = process.pid;
  }
  ASSERT_GT(proxy, 0);
  ASSERT_EQ(::kill(proxy, SIGSTOP), 0);
  command.write_input("go\n");
  ASSERT_TRUE(command.wait_for_output("asking"));
  EXPECT_FALSE(command.wait_for_output("hello", std::chrono::milliseconds(200)));
  ASSERT_EQ(::kill(proxy, SIGCONT), 0);
  const auto result = command.finish();
  EXPECT_THAT(result.output, HasSubstr("hello from github.com")) << result;
}

}  // namespace
}  // namespace awf::integration
