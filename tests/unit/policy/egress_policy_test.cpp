#include "policy/egress_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace awf::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<SourceEntry> entries(const std::vector<std::string>& texts) {
  std::vector<SourceEntry> all;
  all.reserve(texts.size());
  for (const auto& text : texts) {
    all.push_back({text, "test"});
  }
  return all;
}

EgressPolicy make(const std::vector<std::string>& allow,
                  const std::vector<std::string>& block = {}) {
  return EgressPolicy::build(entries(allow), entries(block)).or_refuse();
}

Decision ask(const EgressPolicy& policy, Protocol protocol, const std::string& name,
             std::uint16_t port) {
  return policy.decide(protocol, HostName::parse(name).or_refuse(), port, Door::kProxy);
}

Decision ask_address(const EgressPolicy& policy, Protocol protocol, const std::string& address,
                     std::uint16_t port) {
  return policy.decide(protocol, IpAddress::parse(address).or_refuse(), port, Door::kProxy);
}

bool reaches(const EgressPolicy& policy, const std::string& name) {
  return ask(policy, Protocol::kTls, name, 443).allowed();
}

TEST(EgressPolicy, an_empty_policy_denies_everything) {
  const EgressPolicy policy = make({});
  EXPECT_TRUE(policy.empty());
  const Decision decision = ask(policy, Protocol::kTls, "github.com", 443);
  EXPECT_FALSE(decision.allowed());
  EXPECT_EQ(decision.rule, "default");
  EXPECT_EQ(decision.reason, "the allow list is empty");
  EXPECT_FALSE(ask_address(policy, Protocol::kTls, "8.8.8.8", 443).allowed());
  EXPECT_FALSE(policy.decide_lookup(HostName::parse("github.com").or_refuse()).allowed());
  EXPECT_TRUE(make({}, {"evil.com"}).empty());
  EXPECT_FALSE(make({"github.com"}).empty());
}

TEST(EgressPolicy, S1_G2_a_plain_name_covers_subdomains_and_no_look_alikes) {
  const EgressPolicy policy = make({"github.com"});
  for (const char* name : {"github.com", "GITHUB.com.", "api.github.com", "a.b.c.github.com"}) {
    EXPECT_TRUE(reaches(policy, name)) << name;
  }
  for (const char* name : {"notgithub.com", "github.com.evil.com", "github.co", "github.org",
                           "xn--gthub-n2e.com", "githubcom.net"}) {
    const Decision decision = ask(policy, Protocol::kTls, name, 443);
    EXPECT_FALSE(decision.allowed()) << name;
    EXPECT_EQ(decision.reason, std::string("no entry of the allow list covers ") + name);
  }
}

TEST(EgressPolicy, S1_G2_a_wildcard_covers_any_depth_but_not_the_apex) {
  const EgressPolicy policy = make({"*.github.com", "api-*.example.com"});
  EXPECT_TRUE(reaches(policy, "api.github.com"));
  EXPECT_TRUE(reaches(policy, "a.b.c.github.com"));
  EXPECT_FALSE(reaches(policy, "github.com"));
  EXPECT_FALSE(reaches(policy, "notgithub.com"));
  EXPECT_TRUE(reaches(policy, "api-1.example.com"));
  EXPECT_TRUE(reaches(policy, "api-1.eu.example.com"));
  EXPECT_FALSE(reaches(policy, "web.example.com"));
  EXPECT_FALSE(reaches(policy, "example.com"));
}

TEST(EgressPolicy, HTTP_14_look_alikes_of_an_allowed_name_are_denied) {
  const EgressPolicy policy = make({"allowed.com"});
  EXPECT_FALSE(reaches(policy, "evilallowed.com"));
  EXPECT_FALSE(reaches(policy, "allowed.com.evil.com"));
  EXPECT_FALSE(reaches(policy, "allowed.com-evil.com"));
  EXPECT_TRUE(reaches(policy, "www.allowed.com"));
}

TEST(EgressPolicy, an_exact_entry_covers_one_host) {
  const EgressPolicy policy = make({"=github.io"});
  EXPECT_TRUE(reaches(policy, "github.io"));
  EXPECT_FALSE(reaches(policy, "evil.github.io"));
}

TEST(EgressPolicy, an_internationalised_entry_covers_its_A_label) {
  EXPECT_TRUE(reaches(make({"bücher.ch"}), "www.xn--bcher-kva.ch"));
  EXPECT_TRUE(reaches(make({"*.BÜCHER.ch"}), "www.bücher.ch"));
}

struct Asked {
  std::string entry;
  Protocol protocol;
  std::uint16_t port;
  bool allowed;
  bool opaque;
};

TEST(EgressPolicy, an_entry_admits_its_protocols_on_its_ports_and_no_others) {
  using P = Protocol;
  const std::vector<Asked> cases = {{"x.com", P::kHttp, 80, true, false},
                                    {"x.com", P::kTls, 443, true, false},
                                    {"x.com", P::kTls, 80, false, false},
                                    {"x.com", P::kHttp, 443, false, false},
                                    {"x.com", P::kTcp, 80, false, false},
                                    {"x.com", P::kTcp, 443, false, false},
                                    {"x.com", P::kTls, 8443, false, false},
                                    {"x.com", P::kTcp, 22, false, false},
                                    {"http://x.com", P::kHttp, 80, true, false},
                                    {"http://x.com", P::kTls, 443, false, false},
                                    {"http://x.com", P::kTcp, 80, false, false},
                                    {"https://x.com", P::kTls, 443, true, false},
                                    {"https://x.com", P::kHttp, 80, false, false},
                                    {"https://x.com", P::kTcp, 443, false, false},
                                    {"x.com:22", P::kTcp, 22, true, true},
                                    {"x.com:22", P::kTls, 22, true, true},
                                    {"x.com:22", P::kHttp, 22, true, true},
                                    {"x.com:22", P::kTls, 443, false, false},
                                    {"x.com:22", P::kTcp, 23, false, false},
                                    {"x.com:443", P::kTcp, 443, true, true},
                                    {"https://x.com:8443", P::kTls, 8443, true, false},
                                    {"https://x.com:8443", P::kTcp, 8443, false, false},
                                    {"https://x.com:8443", P::kTls, 443, false, false},
                                    {"http://x.com:8080", P::kHttp, 8080, true, false},
                                    {"http://x.com:8080", P::kHttp, 80, false, false}};
  for (const Asked& asked : cases) {
    const Decision decision = ask(make({asked.entry}), asked.protocol, "x.com", asked.port);
    EXPECT_EQ(decision.allowed(), asked.allowed) << asked.entry << " on " << asked.port;
    EXPECT_EQ(decision.opaque, asked.opaque) << asked.entry << " on " << asked.port;
    EXPECT_EQ(decision.rule, asked.allowed ? asked.entry : "default");
    EXPECT_FALSE(decision.reason.empty());
  }
}

TEST(EgressPolicy, every_denial_says_what_is_missing_and_what_to_add) {
  using P = Protocol;
  const auto reason = [](const char* entry, P protocol, std::uint16_t port) {
    return ask(make({entry}), protocol, "x.com", port).reason;
  };
  EXPECT_EQ(reason("y.com", P::kTls, 443), "no entry of the allow list covers x.com");
  EXPECT_EQ(reason("x.com", P::kTls, 8443), "port 8443 is not listed for x.com (add x.com:8443)");
  EXPECT_EQ(reason("x.com:22", P::kTls, 443),
            "port 443 is not listed for x.com (add https://x.com)");
  EXPECT_EQ(reason("x.com:22", P::kHttp, 80), "port 80 is not listed for x.com (add http://x.com)");
  EXPECT_EQ(reason("http://x.com", P::kTls, 443), "only plain HTTP is allowed by \"http://x.com\"");
  EXPECT_EQ(reason("https://x.com", P::kHttp, 80), "only TLS is allowed by \"https://x.com\"");
  EXPECT_EQ(reason("x.com", P::kTcp, 443),
            "only TLS is allowed by \"x.com\" on port 443 (add x.com:443 for other protocols)");
  EXPECT_EQ(
      reason("x.com", P::kTls, 80),
      "only plain HTTP is allowed by \"x.com\" on port 80 (add x.com:80 for other protocols)");
}

TEST(EgressPolicy, an_allowance_names_the_entry_as_it_was_written) {
  const Decision decision = ask(make({" *.GitHub.com. "}), Protocol::kTls, "api.github.com", 443);
  EXPECT_EQ(decision.rule, "*.GitHub.com.");
  EXPECT_EQ(decision.reason, "allowed by \"*.GitHub.com.\"");
  EXPECT_EQ(ask(make({"bücher.ch"}), Protocol::kTls, "bücher.ch", 443).reason,
            "allowed by \"b\\xc3\\xbccher.ch\"");
}

TEST(EgressPolicy, a_rule_that_checks_the_server_name_wins_over_an_opaque_one) {
  for (const auto& allow : {std::vector<std::string>{"x.com:443", "x.com"},
                            std::vector<std::string>{"x.com", "x.com:443"}}) {
    const EgressPolicy policy = make(allow);
    EXPECT_FALSE(ask(policy, Protocol::kTls, "x.com", 443).opaque);
    EXPECT_TRUE(ask(policy, Protocol::kTcp, "x.com", 443).opaque);
  }
  EXPECT_FALSE(ask(make({"=a.x.com:443", "x.com"}), Protocol::kTls, "a.x.com", 443).opaque);
}

TEST(EgressPolicy, the_block_list_wins_over_every_form_of_allowance) {
  for (const char* allow : {"github.com", "bad.github.com", "=bad.github.com", "*.github.com",
                            "b*.github.com", "https://bad.github.com", "bad.github.com:443"}) {
    const EgressPolicy policy = make({allow}, {"bad.github.com"});
    const Decision decision = ask(policy, Protocol::kTls, "bad.github.com", 443);
    EXPECT_FALSE(decision.allowed()) << allow;
    EXPECT_EQ(decision.rule, "bad.github.com");
    EXPECT_EQ(decision.reason, "blocked by \"bad.github.com\"");
    EXPECT_FALSE(ask(policy, Protocol::kTls, "x.bad.github.com", 443).allowed()) << allow;
  }
  EXPECT_TRUE(reaches(make({"github.com"}, {"bad.github.com"}), "api.github.com"));
  EXPECT_FALSE(reaches(make({"api.github.com"}, {"github.com"}), "api.github.com"));
  EXPECT_FALSE(reaches(make({"api.github.com"}, {"com"}), "api.github.com"));
  EXPECT_FALSE(reaches(make({"ads.github.com"}, {"ads*"}), "ads.github.com"));
  EXPECT_FALSE(reaches(make({"a.github.com"}, {"*.github.com"}), "a.github.com"));
  EXPECT_TRUE(reaches(make({"github.com"}, {"*.github.com"}), "github.com"));
  EXPECT_TRUE(reaches(make({"github.com"}, {"=github.com"}), "api.github.com"));
}

TEST(EgressPolicy, a_block_entry_means_every_protocol_and_its_port_if_it_names_one) {
  const EgressPolicy prefix = make({"x.com", "x.com:22"}, {"http://x.com"});
  EXPECT_FALSE(ask(prefix, Protocol::kTls, "x.com", 443).allowed());
  EXPECT_FALSE(ask(prefix, Protocol::kTcp, "x.com", 22).allowed());
  const EgressPolicy port = make({"x.com", "x.com:22"}, {"x.com:22"});
  EXPECT_FALSE(ask(port, Protocol::kTcp, "x.com", 22).allowed());
  EXPECT_TRUE(ask(port, Protocol::kTls, "x.com", 443).allowed());
}

TEST(EgressPolicy, a_literal_address_is_denied_unless_it_is_listed) {
  const EgressPolicy names = make({"github.com"});
  EXPECT_FALSE(ask_address(names, Protocol::kTls, "140.82.112.3", 443).allowed());
  EXPECT_FALSE(ask_address(names, Protocol::kTls, "2606:4700::1111", 443).allowed());
  const EgressPolicy listed = make({"140.82.112.3", "2606:4700::/32", "10.0.0.0/8", "9.9.9.9:53"});
  EXPECT_TRUE(ask_address(listed, Protocol::kTls, "140.82.112.3", 443).allowed());
  EXPECT_TRUE(ask_address(listed, Protocol::kHttp, "140.82.112.3", 80).allowed());
  EXPECT_TRUE(ask_address(listed, Protocol::kTls, "::ffff:140.82.112.3", 443).allowed());
  EXPECT_FALSE(ask_address(listed, Protocol::kTcp, "140.82.112.3", 443).allowed());
  EXPECT_FALSE(ask_address(listed, Protocol::kTls, "140.82.112.4", 443).allowed());
  EXPECT_TRUE(ask_address(listed, Protocol::kTls, "2606:4700:1::1", 443).allowed());
  EXPECT_FALSE(ask_address(listed, Protocol::kTls, "2606:4701::1", 443).allowed());
  EXPECT_TRUE(ask_address(listed, Protocol::kTls, "10.200.0.1", 443).allowed());
  EXPECT_TRUE(ask_address(listed, Protocol::kTcp, "9.9.9.9", 53).opaque);
  EXPECT_FALSE(ask_address(listed, Protocol::kTls, "9.9.9.9", 443).allowed());
}

TEST(EgressPolicy, a_blocked_block_of_addresses_wins_over_a_listed_address) {
  const EgressPolicy policy = make({"10.0.0.0/8", "1.2.3.4"}, {"10.1.0.0/16", "1.2.3.4:443"});
  EXPECT_TRUE(ask_address(policy, Protocol::kTls, "10.2.0.1", 443).allowed());
  const Decision decision = ask_address(policy, Protocol::kTls, "10.1.2.3", 443);
  EXPECT_EQ(decision.reason, "blocked by \"10.1.0.0/16\"");
  EXPECT_FALSE(ask_address(policy, Protocol::kTls, "1.2.3.4", 443).allowed());
  EXPECT_TRUE(ask_address(policy, Protocol::kHttp, "1.2.3.4", 80).allowed());
  EXPECT_TRUE(policy.blocks(IpAddress::parse("10.1.2.3").or_refuse(), 443));
  EXPECT_FALSE(policy.blocks(IpAddress::parse("10.2.0.1").or_refuse(), 443));
  EXPECT_FALSE(policy.blocks(IpAddress::parse("1.2.3.4").or_refuse(), 80));
}

TEST(EgressPolicy, a_denied_IPv6_address_is_proposed_in_brackets) {
  EXPECT_EQ(ask_address(make({"2606:4700::1"}), Protocol::kTcp, "2606:4700::1", 22).reason,
            "port 22 is not listed for [2606:4700::1] (add [2606:4700::1]:22)");
}

TEST(EgressPolicy, a_name_may_be_looked_up_when_any_entry_could_allow_it) {
  const EgressPolicy policy =
      make({"x.com:22", "http://y.com", "*.z.com"}, {"bad.z.com", "q.z.com:1"});
  const auto lookup = [&](const char* name) {
    return policy.decide_lookup(HostName::parse(name).or_refuse());
  };
  EXPECT_TRUE(lookup("x.com").allowed());
  EXPECT_EQ(lookup("x.com").reason, "covered by \"x.com:22\"");
  EXPECT_TRUE(lookup("y.com").allowed());
  EXPECT_TRUE(lookup("a.z.com").allowed());
  EXPECT_TRUE(lookup("q.z.com").allowed());
  EXPECT_FALSE(lookup("z.com").allowed());
  EXPECT_EQ(lookup("z.com").reason, "no entry of the allow list covers z.com");
  EXPECT_FALSE(lookup("bad.z.com").allowed());
  EXPECT_EQ(lookup("bad.z.com").rule, "bad.z.com");
}

TEST(EgressPolicy, every_door_gets_the_same_answer) {
  const EgressPolicy policy = make({"github.com"});
  const HostName name = HostName::parse("github.com").or_refuse();
  for (const Door door : {Door::kProxy, Door::kIntercept, Door::kDns, Door::kPacket}) {
    EXPECT_TRUE(policy.decide(Protocol::kTls, name, 443, door).allowed());
    EXPECT_FALSE(policy.decide(Protocol::kTls, name, 444, door).allowed());
  }
}

TEST(EgressPolicy, tells_the_packet_rules_about_its_ranges_and_ports) {
  const EgressPolicy policy =
      make({"10.0.0.0/8", "a.com:22", "*.b.com:8443", "c.com:22", "d.com:443", "e.com:80",
            "[2606:4700::1]:53", "https://f.com:9443"},
           {"9.9.9.9", "g.com:25"});
  EXPECT_THAT(policy.extra_ports(), ElementsAre(22, 53, 8443, 9443));
  ASSERT_EQ(policy.allowed_ranges().size(), 2U);
  EXPECT_EQ(policy.allowed_ranges()[0].text(), "10.0.0.0/8");
  EXPECT_EQ(policy.allowed_ranges()[1].text(), "2606:4700::1");
  EXPECT_THAT(make({"a.com"}).extra_ports(), IsEmpty());
}

TEST(EgressPolicy, finds_each_of_many_entries_and_none_beside_them) {
  std::vector<std::string> allow;
  allow.reserve(20'000);
  for (int i = 0; i < 20'000; ++i) {
    allow.push_back("host" + std::to_string(i) + ".example.com");
  }
  const EgressPolicy policy = make(allow, {"host7.example.com"});
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "host" + std::to_string(i) + ".example.com";
    EXPECT_EQ(reaches(policy, "a.b." + name), i != 7) << name;
    EXPECT_FALSE(reaches(policy, "x" + name)) << name;
  }
}

TEST(EgressPolicy, a_name_of_127_labels_is_judged_like_any_other) {
  std::string name = "github.com";
  while (name.size() + 2 <= HostName::kMaxLength) {
    name.insert(0, "a.");
  }
  EXPECT_TRUE(reaches(make({"github.com"}), name));
  EXPECT_FALSE(reaches(make({"github.com"}, {"com"}), name));
}

}  // namespace
}  // namespace awf::policy
