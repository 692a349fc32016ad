#include "firewall/ruleset_proof.hpp"

#include <gtest/gtest.h>

#include <string>

#include "common/check.hpp"

namespace awf::firewall {
namespace {

constexpr const char* kAsked =
    "table inet awf {\n"
    "  set intercept4 {\n    type ipv4_addr; flags constant, interval;\n"
    "    elements = { 198.18.0.0/15 }\n  }\n"
    "  chain output {\n    type filter hook output priority 0; policy drop;\n"
    "    jump permitted\n    ip daddr @intercept4 accept\n  }\n"
    "  chain forward {\n    type filter hook forward priority 0; policy drop;\n  }\n}\n";

// As libnftables describes what it sends …
constexpr const char* kSent =
    "inet (null) (null) use 0 type filter hook output prio 0 packets 0 bytes 0\n"
    "intercept4 awf 6 size 3\nintercept4 awf 0\n"
    "\telement 00000000  : 1 [end]\telement 000012c6  : 0 [end]\telement 000014c6  : 1 [end]\n"
    "inet awf output\n  [ immediate reg 0 jump -> permitted ]\n\n"
    "inet awf output\n  [ payload load 4b @ network header + 16 => reg 1 ]\n"
    "  [ lookup reg 1 set intercept4 ]\n  [ immediate reg 0 accept ]\n\n";

// … and what it reads: handles, another order of elements, flags of lookups, then the text.
std::string held(const std::string& policy = "drop", const std::string& verdict = "accept") {
  return "inet awf @intercept4\n\telement 000014c6  : 1 [end]\n\telement 000012c6  : 0 [end]\n"
         "\telement 00000000  : 1 [end]\n"
         "inet awf output 9\n  [ immediate reg 0 jump -> permitted ]\n\n"
         "inet awf output 10 9\n  [ payload load 4b @ network header + 16 => reg 1 ]\n"
         "  [ lookup reg 1 set intercept4 0x0 ]\n  [ immediate reg 0 " +
         verdict +
         " ]\n\n"
         "table inet awf {\n\tset intercept4 {\n\t\ttype ipv4_addr\n\t\tflags constant,interval\n"
         "\t\telements = { 198.18.0.0/15 }\n\t}\n\n"
         "\tchain output {\n\t\ttype filter hook output priority 0; policy " +
         policy + ";\n\t\tjump permitted\n\t\tip daddr @intercept4 " + verdict +
         "\n\t}\n\n\tchain forward {\n\t\ttype filter hook forward priority 0; policy drop;\n"
         "\t}\n}\n";
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

TEST(RulesetProof, AcceptsWhatTheKernelHoldsWhenItIsWhatWasSent) {
  EXPECT_NO_THROW(verify_held(kAsked, kSent, held()));
}

TEST(RulesetProof, RefusesAnotherVerdictInOneRule) {
  EXPECT_THROW(verify_held(kAsked, kSent, held("drop", "drop")), Refusal);
}

TEST(RulesetProof, RefusesAnotherPolicy) {
  EXPECT_THROW(verify_held(kAsked, kSent, held("accept")), Refusal);
}

TEST(RulesetProof, RefusesAMissingRule) {
  auto text = held();
  replace(text, "inet awf output 9\n  [ immediate reg 0 jump -> permitted ]\n\n", "");
  EXPECT_THROW(verify_held(kAsked, kSent, text), Refusal);
}

TEST(RulesetProof, RefusesOneRuleMore) {
  auto text = held();
  replace(text, "table inet awf {",
          "inet awf output 11 10\n  [ immediate reg 0 accept ]\n\ntable inet awf {");
  EXPECT_THROW(verify_held(kAsked, kSent, text), Refusal);
}

TEST(RulesetProof, RefusesRulesInAnotherOrder) {
  auto text = held();
  const std::string first = "inet awf output 9\n  [ immediate reg 0 jump -> permitted ]\n\n";
  replace(text, first, "");
  replace(text, "table inet awf {", first + "table inet awf {");
  EXPECT_THROW(verify_held(kAsked, kSent, text), Refusal);
}

TEST(RulesetProof, RefusesAnAddressMoreInASet) {
  auto text = held();
  replace(text, "\telement 00000000  : 1 [end]\n",
          "\telement 00000000  : 1 [end]\n\telement 01010101  : 0 [end]\n");
  EXPECT_THROW(verify_held(kAsked, kSent, text), Refusal);
}

TEST(RulesetProof, RefusesATableBesideOurs) {
  EXPECT_THROW(verify_held(kAsked, kSent, held() + "table ip nat {\n}\n"), Refusal);
}

TEST(RulesetProof, RefusesAnEmptyDescriptionOfWhatWasSent) {
  EXPECT_THROW(verify_held("", "", ""), Refusal);
}

}  // namespace
}  // namespace awf::firewall
