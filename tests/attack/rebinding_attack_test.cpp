// The attack: an allowed name whose owner answers with the address of somewhere else: the machine
// itself, its network, its metadata service; at once, beside a public address, or from the second
// question on, in the hope that what is checked is not what is dialled. What must stop it: every
// answer is vetted, and the addresses of one answer are the ones dialled (net/address_vetting,
// egress-proxy/upstream).
#include "attack/attack.hpp"
#include "support/scripted_dns.hpp"

namespace awf::attack {
namespace {

using test_world::Packets;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kServer = "198.41.0.4";  // of the attacker's zone
constexpr const char* kPublic = "93.184.216.34";

class RebindingAttack : public Attack {
 protected:
  CommandResult run_with(const std::string& script, const std::string& line) {
    resolver_.emplace(world.spawn_in_internet(test_world::scripted_dns(kServer, script)));
    EXPECT_TRUE(resolver_->wait_for_output("up")) << resolver_->errors();
    return run({"--allow-domains", "example.org", "--dns-servers", kServer, "--", line});
  }

  std::optional<test_world::RunningCommand> resolver_;
};

INSTANTIATE_TEST_SUITE_P(Callers, RebindingAttack,
                         testing::Values(Caller::kRoot, Caller::kRootless), caller_name);

// Public at the first question, private from the second on, TTL 0: each connection asks once and
// dials what that answer said.
TEST_P(RebindingAttack, DNS_13_an_answer_that_changes_after_its_check_changes_nothing) {
  const std::string fetch = "curl -sS -m 10 http://flip.example.org/ | head -c 200; echo; ";
  const auto result = run_with(
      R"({"flip.example.org": [["93.184.216.34"], ["10.9.9.9"], ["93.184.216.34"], ["169.254.169.254"]]})",
      fetch + fetch + fetch + fetch);
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, HasSubstr("hello from flip.example.org"));
  EXPECT_THAT(result.output, HasSubstr("flip.example.org resolves to 10.9.9.9, a private address"));
  EXPECT_THAT(result.output, HasSubstr("resolves to 169.254.169.254, a cloud metadata address"));
  EXPECT_THAT(world.packets_to_others({kServer, kPublic}), IsEmpty());
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
}

// CONNECT looks the name up before its "200"; the hello comes much later and must not lead to a
// second look-up.
TEST_P(RebindingAttack, DNS_13_the_address_of_the_connect_is_the_one_dialled_after_the_hello) {
  const auto result =
      run_with(R"({"example.org": [["93.184.216.34"], ["10.9.9.9"]]})",
               "curl -fsS https://example.org; curl -sS https://example.org; echo second=$?");
  EXPECT_EQ(result.output, "hello from example.org\nsecond=56\n") << result;
  EXPECT_THAT(world.packets_to_others({kServer, kPublic}), IsEmpty());
}

TEST_P(RebindingAttack, DNS_12_of_many_addresses_only_the_public_ones_are_dialled) {
  const auto result = run_with(
      R"({"many.example.org": [["10.9.9.9", "169.254.169.254", "127.0.0.1", "20.55.0.2",
         "93.184.216.34", "192.168.1.1", "::1", "fd00:ec2::254", "fe80::1", "::ffff:10.9.9.9",
         "64:ff9b::a09:909", "2002:0a09:0909::1", "2603:1030:7::2"]]})",
      "curl -fsS -m 10 http://many.example.org/");
  EXPECT_EQ(result.output, "hello from many.example.org\n") << result;
  EXPECT_THAT(world.packets(), Contains(Packets{"tcp", kPublic, 80}));
  EXPECT_THAT(world.packets_to_others({kServer, kPublic}), IsEmpty());
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
}

// The public address does not answer: the dialler must not fall back on what was refused.
TEST_P(RebindingAttack, DNS_12_a_dead_public_address_does_not_make_the_private_one_dialled) {
  world.silence(kPublic);
  const auto result =
      run_with(R"({"dead.example.org": [["93.184.216.34", "10.9.9.9", "127.0.0.1", "fd00:9::9"]]})",
               "curl -sS -m 3 http://dead.example.org/; echo end=$?");
  EXPECT_EQ(result.output, "end=28\n") << result;
  EXPECT_THAT(world.packets_to_others({kServer, kPublic}), IsEmpty());
  EXPECT_THAT(world.loopback_packets(), IsEmpty());
}

// A translator of the machine's network may use a prefix of its own (RFC 6052), so that a public
// looking address leads to a private one. The answer gives it away: it has both.
TEST_P(RebindingAttack, DNS_12_S2_E3_a_translation_of_a_refused_address_is_refused_too) {
  const auto result = run_with(
      R"({"dns64.example.org": [["10.9.9.9", "2603:1030:64::a09:909"]],
          "both.example.org": [["93.184.216.34", "2603:1030:64::5db8:d822"]]})",
      "curl -sS -m 5 http://dns64.example.org/; echo; curl -fsS -m 5 http://both.example.org/");
  EXPECT_THAT(result.output, HasSubstr("dns64.example.org resolves to")) << result;
  EXPECT_THAT(result.output, HasSubstr("hello from both.example.org"));
  EXPECT_THAT(world.packets_to_others({kServer, kPublic, "2603:1030:64::5db8:d822"}), IsEmpty());
}

// An alias tells us nothing but addresses; its target is no name that the command may reach.
TEST_P(RebindingAttack, DNS_11_an_alias_opens_neither_its_target_nor_a_private_place) {
  const auto result = run_with(
      R"({"alias.example.org": ["evil.attacker.net"], "evil.attacker.net": [["10.9.9.9"]]})",
      "curl -sS -m 5 http://alias.example.org/; echo; curl -sS -m 5 http://evil.attacker.net/; "
      "curl -sS -m 5 --noproxy '*' http://evil.attacker.net/; echo end=$?");
  EXPECT_THAT(result.output, Not(HasSubstr("hello"))) << result;
  EXPECT_THAT(result.output, HasSubstr("end=6"));
  EXPECT_THAT(resolver_->output(), Not(HasSubstr("attacker.net")))
      << "nobody looks the target up by itself";
  EXPECT_THAT(world.packets_to_others({kServer}), IsEmpty());
}

}  // namespace
}  // namespace awf::attack
