// --dns-over-https: names are looked up at the DoH server and nowhere else. Judged by the packets
// that leave the machine, the DNS server's log and the DoH server's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::Packets;
using test_world::RunOptions;
using test_world::World;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class DnsOverHttps : public testing::TestWithParam<Caller> {
 protected:
  static RunOptions options() {
    RunOptions chosen;
    chosen.caller = GetParam();
    return chosen;
  }

  CommandResult run(const std::vector<std::string>& flags, const std::string& line,
                    const std::string& allow = "example.org,example.com,ipv6only.example.net") {
    std::vector<std::string> arguments{"--allow-domains", allow};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"--", line});
    return world.run_awf(arguments, options());
  }

  std::vector<test_world::WebRequest> lookups() {
    auto requests = world.web_requests();
    std::erase_if(requests, [](const auto& request) { return request.method != "POST"; });
    return requests;
  }

  World world = World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, DnsOverHttps, testing::Values(Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

const std::vector<std::string> kLiteral{"--dns-over-https", "https://8.8.8.8/dns-query"};

TEST_P(DnsOverHttps, DNS_14_no_name_goes_over_plain_dns_and_one_http2_connection_serves_all) {
  const auto result =
      run(kLiteral,
          "for n in example.org www.example.org example.com ipv6only.example.net; do "
          "curl -fsS https://$n; done; curl -sS https://denied.org; echo denied=$?");
  EXPECT_EQ(result.output,
            "hello from example.org\nhello from www.example.org\nhello from example.com\n"
            "hello from ipv6only.example.net\ndenied=56\n")
      << result;
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_THAT(world.packets(), Not(Contains(Field(&Packets::port, 53))));
  const auto asked = lookups();
  ASSERT_EQ(asked.size(), 8U) << "A and AAAA of each";
  for (const auto& request : asked) {
    EXPECT_EQ(request.protocol, "HTTP/2.0");
    EXPECT_EQ(request.target, "/dns-query");
    EXPECT_EQ(request.connection, asked.front().connection);
  }
}

TEST_P(DnsOverHttps, without_an_url_dns_google_is_asked_and_only_its_own_name_over_plain_dns) {
  const auto result = run({"--dns-over-https"}, "curl -fsS https://example.org");
  EXPECT_EQ(result.output, "hello from example.org\n") << result;
  EXPECT_THAT(result.errors, HasSubstr("DNS over HTTPS at https://dns.google/dns-query"));
  EXPECT_THAT(world.dns_queries(), UnorderedElementsAre("A dns.google", "AAAA dns.google"));
  const auto asked = lookups();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked.front().server_name, "dns.google");
}

TEST_P(DnsOverHttps, the_server_s_own_name_is_looked_up_at_the_given_servers) {
  const auto result =
      run({"--dns-over-https=https://dns.google/dns-query", "--dns-servers", "9.9.9.9"},
          "curl -fsS https://example.org");
  EXPECT_EQ(result.output, "hello from example.org\n") << result;
  EXPECT_THAT(world.packets(), Contains(Packets{"udp", "9.9.9.9", 53}));
  EXPECT_THAT(world.packets(),
              Not(Contains(Packets{"udp", std::string(test_world::kDnsServer4), 53})));
}

TEST_P(DnsOverHttps, DNS_12_answers_are_vetted_as_all_others) {
  const auto result = run(kLiteral,
                          "for n in private metadata loopback own mapped6 nat64; do "
                          "curl -sS -m 10 http://$n.example.org/; curl -sSk -m 10 "
                          "https://$n.example.org/; done; true");
  EXPECT_THAT(result.output, Not(HasSubstr("hello"))) << result;
  EXPECT_THAT(result.output, HasSubstr("private.example.org resolves to"));
  EXPECT_THAT(world.packets_to_others({"8.8.8.8"}), IsEmpty());
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
}

// 9.9.9.9 has no part in the certificate. The failure must not lead back to plain DNS.
TEST_P(DnsOverHttps, DNS_24_a_server_without_a_valid_certificate_is_not_believed) {
  const auto result = run({"--dns-over-https", "https://9.9.9.9/dns-query"},
                          "curl -sS https://example.org; echo $?; curl -sS http://example.org");
  EXPECT_THAT(result.output, HasSubstr("56\n")) << result;
  EXPECT_THAT(result.output, HasSubstr("looking up example.org: the name server failed"));
  EXPECT_THAT(lookups(), IsEmpty());
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_THAT(world.packets_to_others({"9.9.9.9"}), IsEmpty());
}

TEST_P(DnsOverHttps, a_server_that_does_not_answer_dns_is_a_clear_failure) {
  for (const std::string path : {"/status/503", "/echo", "/endless-dns"}) {
    const auto result =
        run({"--dns-over-https", "https://8.8.8.8" + path}, "curl -sS -m 20 http://example.org");
    EXPECT_THAT(result.output, HasSubstr("looking up example.org: the name server failed"))
        << path << result;
    EXPECT_LT(result.duration, std::chrono::seconds(10)) << path;
  }
  const auto silent =
      run({"--dns-over-https", "https://8.8.8.8/hang"}, "curl -sS -m 20 http://example.org");
  EXPECT_THAT(silent.output, HasSubstr("did not answer in time")) << silent;
  EXPECT_THAT(world.packets_to_others({"8.8.8.8"}), IsEmpty());
}

TEST_P(DnsOverHttps, a_name_that_does_not_exist_is_told_as_such) {
  const auto result = run(kLiteral, "curl -sS http://missing.example.org");
  EXPECT_THAT(result.output, HasSubstr("looking up missing.example.org: no such name")) << result;
}

TEST_P(DnsOverHttps, S8_G3_a_killed_helper_is_started_again_with_the_proxy) {
  RunOptions open = options();
  open.input_stays_open = true;
  std::vector<std::string> arguments{"--allow-domains", "example.org"};
  arguments.insert(arguments.end(), kLiteral.begin(), kLiteral.end());
  arguments.insert(arguments.end(), {"--",
                                     "curl -fsS https://example.org; echo ready; read go; "
                                     "curl -fsS https://www.example.org"});
  auto command = world.spawn_awf(arguments, open);
  ASSERT_TRUE(command.wait_for_output("ready")) << command.errors();
  for (const auto& process : world.processes()) {
    if (process.command_line.starts_with("awf-doh")) {
      ASSERT_EQ(::kill(process.pid, SIGKILL), 0);
    }
  }
  ASSERT_TRUE(command.wait_for_errors("egress proxy ended")) << command.errors();
  command.write_input("go\n");
  const auto result = command.finish();
  EXPECT_THAT(result.output, HasSubstr("hello from www.example.org")) << result;
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_TRUE(world.all_processes_end());
}

TEST_P(DnsOverHttps, what_is_no_https_url_is_refused_before_anything_starts) {
  for (const std::string bad :
       {"http://dns.google/dns-query", "dns.google", "https://user:pw@dns.google/", "https://",
        "https://dns.google/dns-query{?dns}", "https://dns.google:0/"}) {
    const auto result = run({"--dns-over-https=" + bad}, "echo ran");
    EXPECT_EQ(result.exit_code, 125) << bad << result;
    EXPECT_THAT(result.errors, HasSubstr("--dns-over-https"));
    EXPECT_EQ(result.output, "");
  }
  const auto both = run({"--dns-over-https", "--upstream-proxy", "http://20.70.0.1"}, "echo ran");
  EXPECT_EQ(both.exit_code, 125);
  EXPECT_THAT(both.errors, HasSubstr("exclude each other"));
}

}  // namespace
}  // namespace awf::integration
