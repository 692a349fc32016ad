#include "policy/host_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/egress_policy.hpp"

namespace awf::policy {
namespace {

using testing::HasSubstr;

EgressPolicy with_host(std::vector<HostAccess::Ports> ports,
                       const std::vector<SourceEntry>& allow = {},
                       const std::vector<SourceEntry>& block = {}) {
  return EgressPolicy::build(allow, block, {true, std::move(ports)}).or_refuse();
}

HostName host() {
  return HostName::parse(kHostAlias).or_refuse();
}

Decision decide_tcp(const EgressPolicy& policy, std::uint16_t port) {
  return policy.decide(Protocol::kTcp, host(), port, Door::kIntercept);
}

TEST(PortRange, is_one_port_or_two_in_order) {
  EXPECT_EQ(PortRange::parse("3000").or_refuse(), (PortRange{3000, 3000}));
  EXPECT_EQ(PortRange::parse("3000-3010").or_refuse(), (PortRange{3000, 3010}));
  EXPECT_EQ(PortRange::parse("1-65535").or_refuse().text(), "1-65535");
  EXPECT_EQ(PortRange::parse("80-80").or_refuse().text(), "80");
  for (const char* bad : {"", "0", "65536", "-1", "+1", "080", "a", "1-", "-", "5-3", "1-2-3",
                          " 80", "80 ", "80/tcp", "1-65536", "0x50", "99999999999"}) {
    EXPECT_FALSE(PortRange::parse(bad)) << bad;
  }
}

TEST(DangerousPorts, are_found_inside_of_ranges) {
  EXPECT_EQ(dangerous_ports().size(), 21U);
  EXPECT_TRUE(std::is_sorted(dangerous_ports().begin(), dangerous_ports().end()));
  for (const std::uint16_t port : dangerous_ports()) {
    EXPECT_EQ(first_dangerous_port({port, port}), port);
    EXPECT_EQ(first_dangerous_port({port, 65535}), port);
  }
  EXPECT_EQ(first_dangerous_port({5000, 6000}), 5432);
  EXPECT_EQ(first_dangerous_port({24, 24}), std::nullopt);
  EXPECT_EQ(first_dangerous_port({28018, 65535}), std::nullopt);
  for (const std::uint16_t port : development_ports()) {
    EXPECT_EQ(first_dangerous_port({port, port}), std::nullopt) << port;
  }
}

TEST(HostAccess, NET_18_only_named_ports_are_open_whatever_is_spoken) {
  const auto policy = with_host({{{3000, 3010}, "--allow-host-ports"}});
  for (const auto protocol : {Protocol::kTcp, Protocol::kHttp, Protocol::kTls}) {
    const auto decision = policy.decide(protocol, host(), 3005, Door::kProxy);
    EXPECT_TRUE(decision.allowed());
    EXPECT_TRUE(decision.opaque);
    EXPECT_EQ(decision.rule, "--allow-host-ports 3000-3010");
  }
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{2999, 3011, 80, 443, 22}) {
    EXPECT_FALSE(decide_tcp(policy, port).allowed()) << port;
  }
  EXPECT_THAT(decide_tcp(policy, 8080).reason, HasSubstr("(add --allow-host-ports 8080)"));
  EXPECT_THAT(decide_tcp(policy, 5432).reason, HasSubstr("(add --allow-host-service-ports 5432)"));
  EXPECT_TRUE(policy.decide_lookup(host()).allowed());
  EXPECT_FALSE(policy.empty());
}

TEST(HostAccess, NET_18_the_allow_list_opens_no_port_of_the_host) {
  const auto policy = with_host(
      {{{3000, 3000}, "--allow-host-ports"}},
      {{"host.docker.internal", "t"}, {"*.docker.internal", "t"}, {"172.30.0.1:99", "t"}});
  EXPECT_FALSE(policy.decide(Protocol::kHttp, host(), 80, Door::kProxy).allowed());
  EXPECT_FALSE(policy.decide(Protocol::kTls, host(), 443, Door::kProxy).allowed());
  const auto gateway = IpAddress::parse(kHostGateway).or_refuse();
  EXPECT_FALSE(policy.decide(Protocol::kTcp, gateway, 99, Door::kIntercept).allowed());
  EXPECT_TRUE(policy.decide(Protocol::kTcp, gateway, 3000, Door::kIntercept).allowed());
}

TEST(HostAccess, the_block_list_closes_ports_of_the_host) {
  const auto all = with_host({{{3000, 3001}, "o"}}, {}, {{"docker.internal", "t"}});
  EXPECT_FALSE(decide_tcp(all, 3000).allowed());
  EXPECT_FALSE(all.decide_lookup(host()).allowed());
  const auto gateway = with_host({{{3000, 3001}, "o"}}, {}, {{"172.16.0.0/12", "t"}});
  EXPECT_FALSE(decide_tcp(gateway, 3000).allowed());
  const auto one = with_host({{{3000, 3001}, "o"}}, {}, {{"host.docker.internal:3001", "t"}});
  EXPECT_TRUE(decide_tcp(one, 3000).allowed());
  EXPECT_EQ(decide_tcp(one, 3001).rule, "host.docker.internal:3001");
}

TEST(HostAccess, that_is_off_leaves_a_name_and_an_address_like_any_other) {
  const auto policy = EgressPolicy::build({{"host.docker.internal", "t"}}, {}).or_refuse();
  EXPECT_FALSE(policy.means_host(host()));
  EXPECT_FALSE(policy.means_host(IpAddress::parse(kHostGateway).or_refuse()));
  EXPECT_TRUE(policy.decide(Protocol::kTls, host(), 443, Door::kProxy).allowed());
  EXPECT_FALSE(policy.decide(Protocol::kTls, host(), 443, Door::kProxy).opaque);
  const auto other = EgressPolicy::build({{"example.com", "t"}}, {}).or_refuse();
  EXPECT_THAT(decide_tcp(other, 3000).reason, HasSubstr("--enable-host-access"));
}

TEST(HostAccess, no_other_name_or_address_means_the_host) {
  const auto policy = with_host({{{1, 65535}, "o"}}, {{"example.com", "t"}});
  for (const char* name :
       {"docker.internal", "a.host.docker.internal", "example.com", "localhost"}) {
    EXPECT_FALSE(policy.means_host(HostName::parse(name).or_refuse())) << name;
  }
  for (const char* address : {"127.0.0.1", "::1", "172.30.0.2", "0.0.0.0", "172.17.0.1"}) {
    const auto parsed = IpAddress::parse(address).or_refuse();
    EXPECT_FALSE(policy.means_host(parsed)) << address;
    EXPECT_FALSE(policy.decide(Protocol::kTcp, parsed, 3000, Door::kIntercept).allowed())
        << address;
  }
}

}  // namespace
}  // namespace awf::policy
