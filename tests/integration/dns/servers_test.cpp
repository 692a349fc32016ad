// Which DNS servers are asked, and how allowed names are reached over either family. Judged by the
// packets that leave the machine and by the servers' own records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "support/awf_run.hpp"
#include "support/scripted_dns.hpp"

namespace awf::integration {
namespace {

using test_world::Caller;
using test_world::CommandResult;
using test_world::Packets;
using test_world::RunOptions;
using test_world::World;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kDirect = "unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy; ";

class Servers : public testing::TestWithParam<Caller> {
 protected:
  static CommandResult run(World& world, const std::vector<std::string>& options,
                           const std::string& line, const std::string& allow = "example.org") {
    std::vector<std::string> arguments{"--allow-domains", allow};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", line});
    RunOptions chosen;
    chosen.caller = GetParam();
    return world.run_awf(arguments, chosen);
  }

  static bool was_asked(World& world, const std::string& server) {
    const auto all = world.packets();
    return std::find(all.begin(), all.end(), Packets{"udp", server, 53}) != all.end();
  }
};

INSTANTIATE_TEST_SUITE_P(Callers, Servers, testing::Values(Caller::kSudo, Caller::kRootless),
                         [](const auto& tested) { return test_world::name_of(tested.param); });

constexpr const char* kFetch = "curl -fsS https://example.org";
constexpr const char* kHello = "hello from example.org\n";

TEST_P(Servers, S2_01_S2_G6_ipv6_dns_servers_are_asked_and_no_other) {
  World world = World::start();
  const auto result = run(world, {"--dns-servers", "2620:fe::fe,2001:4860:4860::8844"}, kFetch);
  EXPECT_EQ(result.output, kHello) << result;
  EXPECT_TRUE(was_asked(world, "2620:fe::fe") || was_asked(world, "2001:4860:4860::8844"));
  EXPECT_THAT(world.packets_to_others(
                  {"2620:fe::fe", "2001:4860:4860::8844", "93.184.216.34", "2606:2800:220:1::1"}),
              IsEmpty());
  EXPECT_FALSE(was_asked(world, std::string(test_world::kDnsServer4)));
  EXPECT_FALSE(was_asked(world, std::string(test_world::kDnsServer6)));
}

TEST_P(Servers, S2_02_a_dead_first_server_is_passed_over) {
  World world = World::start();
  for (const auto* dead : {"9.9.9.9", "2620:fe::fe"}) {
    world.forget_packets();
    world.silence(dead);
    const std::string other = dead[1] == '.' ? "2001:4860:4860::8844" : "8.8.4.4";
    // The servers take turns, so of two lookups at least one begins at the dead one.
    const auto result = run(world, {"--dns-servers", std::string(dead) + "," + other},
                            std::string(kFetch) + " && curl -fsS http://www.example.org");
    EXPECT_EQ(result.output, std::string(kHello) + "hello from www.example.org\n") << result;
    EXPECT_TRUE(was_asked(world, dead));
    EXPECT_TRUE(was_asked(world, other));
  }
}

TEST_P(Servers, S2_09_all_four_servers_of_two_families_are_used) {
  World world = World::start();
  const std::vector<std::string> servers{"9.9.9.9", "8.8.4.4", "2620:fe::fe",
                                         "2001:4860:4860::8844"};
  const auto result = run(
      world, {"--dns-servers", servers[0] + "," + servers[1] + "," + servers[2] + "," + servers[3]},
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do curl -fsS http://example.org; done");
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const auto& server : servers)
    EXPECT_TRUE(was_asked(world, server)) << server;
}

TEST_P(Servers, S2_10_a_resolver_on_the_machine_s_own_loopback_is_reached) {
  World world = World::start();
  auto resolver = world.spawn_in_machine(test_world::scripted_dns(
      "::1", R"({"example.org": [["93.184.216.34", "2606:2800:220:1::1"]]})"));
  ASSERT_TRUE(resolver.wait_for_output("up")) << resolver.errors();
  const auto result = run(world, {"--dns-servers", "::1"}, kFetch);
  EXPECT_EQ(result.output, kHello) << result;
  EXPECT_TRUE(resolver.wait_for_output("A example.org"));
  EXPECT_THAT(world.dns_queries(), IsEmpty()) << "nobody else was asked";
}

TEST_P(Servers, S2_11_S2_G4_a_link_local_server_is_reached_through_its_interface) {
  World world = World::start();
  const auto result = run(world, {"--dns-servers", "fe80::1%eth0"}, kFetch);
  EXPECT_EQ(result.output, kHello) << result;
  EXPECT_TRUE(was_asked(world, "fe80::1"));
  EXPECT_FALSE(was_asked(world, std::string(test_world::kDnsServer6)));
}

TEST_P(Servers, S2_11_S2_G4_a_link_local_server_of_resolv_conf_is_reached_too) {
  World world = World::start();
  // The machine's resolv.conf is a file bound over the system's, so it is written in place.
  const auto written =
      world.run_in_machine({"/bin/sh", "-c", "echo 'nameserver fe80::1%eth0' > /etc/resolv.conf"});
  ASSERT_EQ(written.exit_code, 0) << written;
  const auto result = run(world, {}, kFetch);
  EXPECT_EQ(result.output, kHello) << result;
  EXPECT_TRUE(was_asked(world, "fe80::1"));
}

TEST_P(Servers, S2_11_without_its_interface_a_link_local_server_is_refused) {
  World world = World::start();
  const std::vector<std::pair<std::string, std::string>> refused{
      {"fe80::1", "name its interface"},
      {"fe80::1%none0", "no interface \"none0\""},
      {"2620:fe::fe%eth0", "only link-local"}};
  for (const auto& [server, reason] : refused) {
    const auto result = run(world, {"--dns-servers", server}, "echo ran");
    EXPECT_EQ(result.exit_code, 125) << server;
    EXPECT_THAT(result.errors, HasSubstr(reason));
    EXPECT_EQ(result.output, "");
  }
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(Servers, S2_03_S2_05_S2_12_on_a_machine_without_ipv6_either_family_works_inside) {
  World world = World::start({.ipv4 = true, .ipv6 = false});
  for (const std::string flag : {"-4", "-6", ""}) {
    for (const std::string& prefix : {std::string(), std::string(kDirect)}) {
      const auto result = run(world, {}, prefix + "curl -fsS " + flag + " https://example.org");
      EXPECT_EQ(result.output, kHello) << flag << prefix << result;
    }
  }
  EXPECT_TRUE(was_asked(world, std::string(test_world::kDnsServer4)));
  EXPECT_THAT(world.packets_to_others({"93.184.216.34"}), IsEmpty());
}

// Only IPv6 upstream: that is a failure at once, with a reason, and not a wait.
TEST_P(Servers, S2_05_a_name_without_an_address_of_the_machine_s_family_fails_at_once) {
  World world = World::start({.ipv4 = true, .ipv6 = false});
  const auto result =
      run(world, {}, "curl -sS -m 20 https://ipv6only.example.net", "ipv6only.example.net");
  EXPECT_EQ(result.exit_code, 35) << result;
  EXPECT_LT(result.duration, std::chrono::seconds(5));
  const auto plain =
      run(world, {}, "curl -sS -m 20 http://ipv6only.example.net", "ipv6only.example.net");
  EXPECT_THAT(plain.output, HasSubstr("connecting to ipv6only.example.net:80: ")) << plain;
}

TEST_P(Servers, S2_G1_S2_G6_an_ipv6_only_origin_is_reached_over_ipv6) {
  World world = World::start();
  for (const std::string& prefix : {std::string(), std::string(kDirect)}) {
    const auto result =
        run(world, {}, prefix + "curl -fsS https://ipv6only.example.net", "ipv6only.example.net");
    EXPECT_EQ(result.output, "hello from ipv6only.example.net\n") << result;
  }
  EXPECT_THAT(world.packets(), Contains(Packets{"tcp", "2606:2800:220:9::6", 443}));
}

TEST_P(Servers, S2_G3_on_a_machine_without_ipv4_either_family_works_inside) {
  World world = World::start({.ipv4 = false, .ipv6 = true});
  for (const std::string flag : {"-4", "-6", ""}) {
    for (const std::string& prefix : {std::string(), std::string(kDirect)}) {
      const auto result = run(world, {}, prefix + "curl -fsS " + flag + " https://example.org");
      EXPECT_EQ(result.output, kHello) << flag << prefix << result;
    }
  }
  EXPECT_THAT(world.packets_to_others({"2606:2800:220:1::1"}), IsEmpty());
  EXPECT_TRUE(was_asked(world, std::string(test_world::kDnsServer6)));
}

TEST_P(Servers, S2_04_S2_G6_a_denied_domain_is_out_of_reach_over_ipv6) {
  for (const bool ipv4 : {true, false}) {
    World world = World::start({.ipv4 = ipv4, .ipv6 = true});
    const auto result =
        run(world, {},
            "curl -6 -sS -m 5 https://denied.org; echo proxy=$?; "
            "curl -6 --noproxy '*' -sS -m 5 https://denied.org; echo direct=$?; "
            "curl -6 --noproxy '*' -sS -m 5 'https://[2606:4700::9]/'; echo literal=$?;"
            "ping -6 -c 1 -W 1 2606:4700::9; true");
    EXPECT_THAT(result.output, HasSubstr("proxy=56")) << result;
    EXPECT_THAT(result.output, HasSubstr("direct=6"));
    EXPECT_THAT(result.output, HasSubstr("literal=7"));
    EXPECT_THAT(world.packets(), IsEmpty());
  }
}

TEST_P(Servers, S2_08_ipv4_works_where_only_it_is_used) {
  World world = World::start();
  const auto result = run(world, {"--dns-servers", "9.9.9.9"},
                          "curl -4fsS https://ipv4only.example.net", "ipv4only.example.net");
  EXPECT_EQ(result.output, "hello from ipv4only.example.net\n") << result;
  EXPECT_THAT(world.packets_to_others({"9.9.9.9", "93.184.214.4"}), IsEmpty());
}

TEST_P(Servers, S2_06_one_line_of_the_log_says_what_is_enforced_for_both_families) {
  World world = World::start();
  const auto result = run(world, {}, "true");
  EXPECT_THAT(result.errors, HasSubstr("enforced alike for IPv4 and IPv6")) << result;
}

TEST_P(Servers, S2_G2_a_server_that_is_none_is_refused_before_anything_starts) {
  World world = World::start();
  for (const std::string bad : {"not:an:ipv6", "256.1.1.1", "", "9.9.9.9,,8.8.8.8"}) {
    const auto result = run(world, {"--dns-servers", bad}, "echo ran");
    EXPECT_EQ(result.exit_code, 125) << bad << result;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(bad.empty() ? "--dns-servers" : bad));
  }
}

// Every program of iptables' and nftables' is covered by one that only tells of its call.
TEST_P(Servers, S2_E1_no_packet_filter_program_of_the_machine_is_needed_or_called) {
  World world = World::start();
  const auto covered = world.run_in_machine(
      {"/bin/bash", "-c",
       "printf '#!/bin/sh\\necho called >> /tmp/called; exit 1\\n' > /tmp/none; chmod 755 "
       "/tmp/none; "
       "touch /tmp/called; chmod 666 /tmp/called; "
       "for f in /usr/sbin/*tables* /usr/sbin/nft /usr/sbin/ipset; do [ -f $f ] && "
       "mount --bind /tmp/none $(readlink -f $f); done; ! nft list ruleset"});
  ASSERT_EQ(covered.exit_code, 0) << covered;
  (void)world.run_in_machine({"/bin/sh", "-c", "> /tmp/called"});
  const auto result =
      run(world, {}, std::string(kFetch) + "; curl -sS -m 5 https://denied.org; true");
  EXPECT_THAT(result.output, HasSubstr(kHello)) << result;
  EXPECT_EQ(world.file("/tmp/called"), "");
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

// A sender that runs before the command does anything else: bash starts it as its first act, and it
// sends to a literal address as fast as it can.
TEST_P(Servers, S2_E2_not_one_packet_of_a_sender_that_starts_first_leaves) {
  World world = World::start();
  const auto result =
      run(world, {},
          "python3 -c 'import socket\n"
          "for f, a in ((socket.AF_INET, \"198.41.30.9\"), (socket.AF_INET6, \"2606:4700::9\")):\n"
          "    s = socket.socket(f, socket.SOCK_DGRAM)\n"
          "    for i in range(2000):\n"
          "        try: s.sendto(b\"x\", (a, 443))\n"
          "        except OSError: pass' ; curl -fsS http://example.org");
  EXPECT_EQ(result.output, kHello) << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}), IsEmpty());
}

TEST_P(Servers, S2_E3_a_translated_public_address_is_reached_and_a_private_one_is_not) {
  World world = World::start({.ipv4 = false, .ipv6 = true});
  const auto result = run(world, {},
                          "curl -fsS https://nat64public.example.org; "
                          "for n in nat64 nat64site; do for s in http https; do "
                          "curl -sS -m 10 $s://$n.example.org; echo $n=$?; done; done",
                          "example.org");
  EXPECT_THAT(result.output, HasSubstr("hello from nat64public.example.org\n")) << result;
  EXPECT_THAT(result.output,
              HasSubstr("nat64.example.org resolves to 64:ff9b::a09:909, a private"));
  EXPECT_THAT(result.output, Not(HasSubstr("hello from nat64.")));
  EXPECT_THAT(result.output, Not(HasSubstr("hello from nat64site.")));
  EXPECT_THAT(world.packets_to_others({"64:ff9b::5db8:d829"}), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
