#include "egress-proxy/run_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::egress {
namespace {

using policy::HostName;

TEST(RunPolicy, holds_what_the_supervisor_wrote) {
  const auto run = parse_run_policy(R"({"allow":[{"text":"example.com","origin":"f:1"}],
      "block":[{"text":"bad.example.com","origin":"f:2"}],
      "dnsServers":["192.0.2.1","2001:db8::1"],"allowPrivate":["10.0.0.0/8"],"logLevel":"debug",
      "maxTx":["example.com=1K"],"maxTxTotal":5000,"minTls":"1.3"})");
  ASSERT_TRUE(run) << run.error();
  EXPECT_TRUE(run->egress.decide_lookup(HostName::parse("a.example.com").or_refuse()).allowed());
  EXPECT_FALSE(run->egress.decide_lookup(HostName::parse("bad.example.com").or_refuse()).allowed());
  EXPECT_EQ(run->dns_servers.size(), 2U);
  EXPECT_EQ(run->allow_private.at(0).text(), "10.0.0.0/8");
  EXPECT_EQ(run->log_level, "debug");
  EXPECT_EQ(run->max_tx.at(0).bytes, 1024U);
  EXPECT_EQ(run->max_tx_total, 5000U);
  EXPECT_EQ(run->min_tls_version, 0x0304);
}

TEST(RunPolicy, opens_ports_of_the_host_only_when_it_says_so) {
  const auto host = HostName::parse("host.docker.internal").or_refuse();
  const auto run = parse_run_policy(
      R"({"allow":[],"block":[],"hostPorts":[{"ports":"3000-3010","option":"--allow-host-ports"}]})");
  ASSERT_TRUE(run) << run.error();
  const auto decide = [&](std::uint16_t port) {
    return run->egress.decide(policy::Protocol::kTcp, host, port, policy::Door::kIntercept);
  };
  EXPECT_TRUE(decide(3010).allowed());
  EXPECT_FALSE(decide(3011).allowed());
  EXPECT_FALSE(parse_run_policy(R"({"allow":[],"block":[]})")->egress.means_host(host));
  EXPECT_TRUE(
      parse_run_policy(R"({"allow":[],"block":[],"hostPorts":[]})")->egress.means_host(host));
}

TEST(RunPolicy, that_is_empty_denies_everything) {
  const auto run = parse_run_policy(R"({"allow":[],"block":[]})");
  ASSERT_TRUE(run) << run.error();
  EXPECT_TRUE(run->egress.empty());
  EXPECT_FALSE(run->egress.decide_lookup(HostName::parse("example.com").or_refuse()).allowed());
}

TEST(RunPolicy, names_how_to_look_up_and_which_proxy_to_leave_through) {
  const auto doh =
      parse_run_policy(R"({"allow":[],"block":[],"dnsOverHttps":"https://dns.example/q"})");
  ASSERT_TRUE(doh) << doh.error();
  EXPECT_EQ(doh->doh_url, "https://dns.example/q");
  EXPECT_FALSE(doh->upstream_proxy);
  const auto proxied = parse_run_policy(
      R"({"allow":[],"block":[],"upstreamProxy":{"url":"http://p.example:8080","noProxy":["corp.net"]}})");
  ASSERT_TRUE(proxied) << proxied.error();
  EXPECT_EQ(proxied->upstream_proxy->url().authority(), "p.example:8080");
  EXPECT_FALSE(proxied->upstream_proxy->serves({HostName::parse("a.corp.net").or_refuse(), 443}));
}

TEST(RunPolicy, that_is_wrong_in_any_way_is_refused) {
  for (const char* text : {
           "",
           "{",
           "[]",
           "null",
           R"({"allow":[]})",
           R"({"block":[]})",
           R"({"allow":[],"block":[],"blocks":[]})",
           R"({"allow":[],"block":[],"Allow":[]})",
           R"({"allow":{},"block":[]})",
           R"({"allow":["example.com"],"block":[]})",
           R"({"allow":[{"text":"example.com"}],"block":[]})",
           R"({"allow":[{"text":"example.com","origin":"f","x":1}],"block":[]})",
           R"({"allow":[{"text":5,"origin":"f"}],"block":[]})",
           R"({"allow":[{"text":"com","origin":"f"}],"block":[]})",
           R"({"allow":[],"block":[],"dnsServers":["example.com"]})",
           R"({"allow":[],"block":[],"dnsServers":"192.0.2.1"})",
           R"({"allow":[],"block":[],"allowPrivate":["10.0.0.1/8"]})",
           R"({"allow":[],"block":[],"allowPrivate":[1]})",
           R"({"allow":[],"block":[],"logLevel":"loud"})",
           R"({"allow":[],"block":[],"hostPorts":true})",
           R"({"allow":[],"block":[],"hostPorts":["3000"]})",
           R"({"allow":[],"block":[],"hostPorts":[{"ports":"0","option":"o"}]})",
           R"({"allow":[],"block":[],"hostPorts":[{"ports":"80"}]})",
           R"({"allow":[],"block":[],"hostPorts":[{"ports":80,"option":"o"}]})",
           R"({"allow":[],"block":[],"maxTx":["example.com"]})",
           R"({"allow":[],"block":[],"maxTx":"example.com=1"})",
           R"({"allow":[],"block":[],"maxTxTotal":-1})",
           R"({"allow":[],"block":[],"maxTxTotal":"1"})",
           R"({"allow":[],"block":[],"minTls":"1.1"})",
           R"({"allow":[],"block":[],"minTls":1.2})",
           R"({"allow":[],"block":[],"dnsOverHttps":"http://dns.example/"})",
           R"({"allow":[],"block":[],"dnsOverHttps":true})",
           R"({"allow":[],"block":[],"upstreamProxy":"http://proxy.example"})",
           R"({"allow":[],"block":[],"upstreamProxy":{"url":"http://proxy.example"}})",
           R"({"allow":[],"block":[],"upstreamProxy":{"url":"socks5://p.example","noProxy":[]}})",
           R"({"allow":[],"block":[],"upstreamProxy":{"url":"http://p.example","noProxy":["*"]}})",
       }) {
    const auto run = parse_run_policy(text);
    ASSERT_FALSE(run) << text;
    EXPECT_FALSE(run.error().empty()) << text;
  }
}

}  // namespace
}  // namespace awf::egress
