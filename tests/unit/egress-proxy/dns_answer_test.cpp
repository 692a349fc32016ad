#include "egress-proxy/dns_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "dns_query_builder.hpp"

namespace awf::egress {
namespace {

using policy::EgressPolicy;
using test::Bytes;
using test::dns_header;
using test::dns_query;
using test::dns_query_with_edns;
using test::put_question;

constexpr unsigned kA = 1;
constexpr unsigned kAaaa = 28;
constexpr unsigned kPtr = 12;

unsigned rcode(const Bytes& reply) {
  return reply.at(3) & 0x0FU;
}
unsigned count(const Bytes& reply, std::size_t at) {
  return reply.at(at) * 256U + reply.at(at + 1);
}
unsigned answers(const Bytes& reply) {
  return count(reply, 6);
}
unsigned authorities(const Bytes& reply) {
  return count(reply, 8);
}

bool holds(const Bytes& reply, std::string_view text) {
  return std::search(reply.begin(), reply.end(), text.begin(), text.end()) != reply.end();
}

class DnsAnswer : public testing::Test {
 protected:
  Bytes ask(const Bytes& query) {
    outcome_ = answerer_.answer(query);
    return outcome_.reply;
  }
  bool denied() const { return outcome_.denial.has_value(); }

  EgressPolicy policy_ =
      EgressPolicy::build({{"example.com", "test"}, {"a_b.example.org", "test"}}, {}).or_refuse();
  MappedAddresses mapped_{0, 4};
  DnsAnswerer answerer_{policy_, mapped_};
  DnsOutcome outcome_;
};

TEST_F(DnsAnswer, an_allowed_name_gets_its_mapped_address_of_either_family) {
  const Bytes v4 = ask(dns_query("example|com", kA));
  EXPECT_EQ(rcode(v4), 0U);
  EXPECT_EQ(answers(v4), 1U);
  EXPECT_THAT(Bytes(v4.end() - 4, v4.end()), testing::ElementsAre(198, 18, 0, 1));
  const Bytes v6 = ask(dns_query("example|com", kAaaa));
  EXPECT_EQ(answers(v6), 1U);
  EXPECT_THAT(Bytes(v6.end() - 16, v6.end()),
              testing::ElementsAre(0x20, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
  EXPECT_FALSE(denied());
}

TEST_F(DnsAnswer, the_question_comes_back_in_the_case_it_was_asked_in) {
  const Bytes reply = ask(dns_query("ExAmPlE|cOm", kA));
  EXPECT_EQ(answers(reply), 1U);
  EXPECT_TRUE(holds(reply, "ExAmPlE"));
}

TEST_F(DnsAnswer, DNS_20_a_denied_name_is_nxdomain_and_recorded_with_its_rule) {
  const Bytes reply = ask(dns_query("evil|example|net", kA));
  EXPECT_EQ(rcode(reply), 3U);
  EXPECT_EQ(answers(reply), 0U);
  EXPECT_EQ(authorities(reply), 1U);
  ASSERT_TRUE(denied());
  EXPECT_EQ(outcome_.denial->name, "evil.example.net");
  EXPECT_EQ(outcome_.denial->type, "A");
  EXPECT_FALSE(outcome_.denial->rule.empty());
  EXPECT_FALSE(outcome_.denial->reason.empty());
}

TEST_F(DnsAnswer, DNS_20_a_denial_says_blocked_to_askers_with_edns_only) {
  const Bytes with = ask(dns_query_with_edns("evil|net", kA));
  const std::string option{
      "\x00\x0f\x00\x17\x00\x0f"
      "blocked by AWF policy",
      27};
  EXPECT_TRUE(holds(with, option));
  EXPECT_FALSE(holds(ask(dns_query("evil|net", kA)), "blocked by AWF"));
  EXPECT_FALSE(holds(ask(dns_query_with_edns("example|com", kA)), "blocked by AWF"));
}

TEST_F(DnsAnswer, DNS_05_two_questions_are_a_format_error_even_with_the_first_allowed) {
  Bytes query = dns_header(2);
  put_question(query, "example|com", kA);
  put_question(query, "evil|net", kA);
  const Bytes reply = ask(query);
  EXPECT_EQ(rcode(reply), 1U);
  EXPECT_EQ(reply.size(), 12U);
  EXPECT_EQ(rcode(ask(dns_header(0))), 1U);
}

TEST_F(DnsAnswer, DNS_10_other_types_of_an_allowed_name_have_no_data) {
  // NS SOA NULL MX TXT SRV NAPTR CNAME DNAME SVCB HTTPS CAA ANY and unknown ones.
  for (const unsigned type :
       {2U, 6U, 10U, 15U, 16U, 33U, 35U, 5U, 39U, 64U, 65U, 257U, 255U, 65280U}) {
    const Bytes reply = ask(dns_query("example|com", type));
    EXPECT_EQ(rcode(reply), 0U) << type;
    EXPECT_EQ(answers(reply), 0U) << type;
    EXPECT_EQ(authorities(reply), 1U) << type;
    EXPECT_FALSE(denied()) << type;
  }
}

TEST_F(DnsAnswer, DNS_10_other_types_of_a_denied_name_are_nxdomain) {
  for (const unsigned type : {2U, 6U, 10U, 12U, 15U, 16U, 33U, 64U, 65U, 255U}) {
    EXPECT_EQ(rcode(ask(dns_query("data|evil|net", type))), 3U) << type;
    EXPECT_TRUE(denied()) << type;
  }
}

TEST_F(DnsAnswer, DNS_10_other_classes_are_refused) {
  for (const unsigned rr_class : {2U, 3U, 4U, 254U, 255U}) {  // CS CH HS NONE ANY
    EXPECT_EQ(rcode(ask(dns_query("example|com", kA, rr_class))), 5U) << rr_class;
  }
}

TEST_F(DnsAnswer, DNS_10_other_operations_are_not_implemented) {
  for (const unsigned opcode : {1U, 2U, 3U, 4U, 5U, 6U, 15U}) {
    Bytes query = dns_header(1, 0, opcode << 11U);
    put_question(query, "example|com", kA);
    const Bytes reply = ask(query);
    EXPECT_EQ(rcode(reply), 4U) << opcode;
    EXPECT_EQ(reply.size(), 12U) << opcode;
  }
}

TEST_F(DnsAnswer, DNS_10_edns_options_are_ignored_and_other_versions_refused) {
  const Bytes cookie{0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  Bytes padding{0, 12, 0, 200};
  padding.resize(204);
  EXPECT_EQ(answers(ask(dns_query_with_edns("example|com", kA, 0, cookie))), 1U);
  EXPECT_EQ(answers(ask(dns_query_with_edns("example|com", kA, 0, padding))), 1U);
  const Bytes bad = ask(dns_query_with_edns("example|com", kA, 1));
  EXPECT_EQ(answers(bad), 0U);
  EXPECT_EQ(bad.at(bad.size() - 6), 1U) << "extended code 16, BADVERS";
}

TEST_F(DnsAnswer, DNS_16_labels_that_are_no_host_name_are_denied_and_shown_escaped) {
  using std::string_view_literals::operator""sv;
  for (const auto labels :
       {"example.com"sv, "a.example|com"sv, "example|com\0evil"sv, "ex ample|com"sv, "a\r\nb|com"sv,
        "a%00|com"sv,
        "b\xc3\xbc"
        "cher|ch"sv,
        "-a|example|com"sv, "a-|example|com"sv, "xn--a|com"sv, "1|2|3|4"sv, "127|1"sv}) {
    EXPECT_EQ(rcode(ask(dns_query(labels, kA))), 3U) << labels;
    ASSERT_TRUE(denied()) << labels;
    for (const char c : outcome_.denial->name)
      EXPECT_TRUE(c > 0x20 && c < 0x7F) << labels;
  }
  EXPECT_EQ(rcode(ask(dns_query("a_b|example|org", kA))), 0U);
  EXPECT_EQ(rcode(ask(dns_query("", kA))), 3U) << "the root";
}

TEST_F(DnsAnswer, DNS_16_names_beyond_253_bytes_are_no_answer_with_an_address) {
  std::string labels;
  for (int i = 0; i < 4; ++i)
    labels += std::string(62, 'a') + "|";
  const Bytes longest = ask(dns_query(labels + "c", kA));  // 255 bytes in wire format
  EXPECT_EQ(answers(longest), 0U);
  const Bytes longer = ask(dns_query(labels + "com", kA));
  EXPECT_EQ(rcode(longer), 1U);
}

TEST_F(DnsAnswer, DNS_17_what_is_no_query_gets_no_answer) {
  EXPECT_TRUE(ask({}).empty());
  EXPECT_TRUE(ask({1, 2, 3}).empty());
  EXPECT_TRUE(ask(Bytes(11)).empty());
  Bytes response = dns_header(1, 0, 0x8100);
  put_question(response, "example|com", kA);
  EXPECT_TRUE(ask(response).empty()) << "QR=1";
  EXPECT_TRUE(ask(Bytes(kMaxDnsQueryBytes + 1)).empty());
}

TEST_F(DnsAnswer, DNS_17_malformed_questions_are_format_errors) {
  Bytes loop = dns_header(1);
  loop.insert(loop.end(), {0xC0, 12, 0, 1, 0, 1});
  Bytes past_end = dns_header(1);
  past_end.insert(past_end.end(), {0xC3, 0xFF, 0, 1, 0, 1});
  Bytes reserved_label = dns_header(1);
  reserved_label.insert(reserved_label.end(), {0x80, 1, 0, 0, 1, 0, 1});
  Bytes cut = dns_query("example|com", kA);
  cut.resize(cut.size() - 3);
  Bytes no_additional = dns_header(1, 1);
  put_question(no_additional, "example|com", kA);
  for (const auto& query : {loop, past_end, reserved_label, cut, no_additional}) {
    const Bytes reply = ask(query);
    ASSERT_EQ(reply.size(), 12U);
    EXPECT_EQ(rcode(reply), 1U);
    EXPECT_EQ(reply[0], 0x12);
    EXPECT_EQ(reply[1], 0x34);
  }
}

// Random bytes, and real queries with a few bytes changed, which get deeper into the reader.
TEST_F(DnsAnswer, DNS_17_DNS_18_random_packets_crash_nothing_and_amplify_nothing) {
  std::mt19937 random(20260901);  // NOLINT(cert-msc32-c,cert-msc51-cpp): repeatable on purpose
  const Bytes real = dns_query_with_edns("www|example|com", kAaaa);
  for (int i = 0; i < 20000; ++i) {
    Bytes packet = i % 2 == 0 ? real : Bytes(random() % 120);
    const std::size_t changes = i % 2 == 0 ? 1 + random() % 6 : packet.size();
    for (std::size_t n = 0; n < changes; ++n) {
      packet[random() % packet.size()] = static_cast<std::uint8_t>(random());
    }
    const Bytes reply = ask(packet);
    ASSERT_LE(reply.size(), packet.size() + kMaxDnsGrowth);
    if (!reply.empty()) {
      ASSERT_NE(reply.at(2) & 0x80U, 0U);
    }
  }
}

TEST_F(DnsAnswer, DNS_18_no_answer_outgrows_its_query_by_more_than_the_constant) {
  std::string labels;
  for (int i = 0; i < 3; ++i)
    labels += std::string(60, 'a') + "|";
  for (const auto& name :
       {labels + "example|com", labels + "evil|com", std::string("example|com")}) {
    for (const unsigned type : {kA, kAaaa, kPtr, 255U, 65U}) {
      const Bytes query = dns_query_with_edns(name, type);
      EXPECT_LE(ask(query).size(), query.size() + 128);
    }
  }
}

TEST_F(DnsAnswer, a_mapped_address_has_its_name_as_pointer) {
  ask(dns_query("www|example|com", kA));
  const Bytes v4 = ask(dns_query("1|0|18|198|in-addr|arpa", kPtr));
  EXPECT_EQ(answers(v4), 1U);
  EXPECT_TRUE(holds(v4, "\3www\7example\3com"));
  std::string v6 = "1|";
  for (int i = 0; i < 23; ++i)
    v6 += "0|";
  const Bytes reply = ask(dns_query(v6 + "2|0|0|0|1|0|0|2|IP6|arpa", kPtr));
  EXPECT_EQ(answers(reply), 1U);
}

TEST_F(DnsAnswer, pointers_of_other_addresses_are_denied_but_loopback_is_localhost) {
  EXPECT_EQ(rcode(ask(dns_query("8|8|8|8|in-addr|arpa", kPtr))), 3U);
  EXPECT_TRUE(denied());
  EXPECT_EQ(rcode(ask(dns_query("2|0|18|198|in-addr|arpa", kPtr))), 3U) << "mapped, but no name's";
  EXPECT_TRUE(holds(ask(dns_query("1|0|0|127|in-addr|arpa", kPtr)), "localhost"));
}

TEST_F(DnsAnswer, localhost_is_loopback_whatever_the_policy_says) {
  const Bytes v4 = ask(dns_query("localhost", kA));
  EXPECT_THAT(Bytes(v4.end() - 4, v4.end()), testing::ElementsAre(127, 0, 0, 1));
  EXPECT_EQ(ask(dns_query("x|LOCALHOST", kAaaa)).back(), 1U);
  EXPECT_EQ(answers(ask(dns_query("localhost", 16))), 0U);
  EXPECT_FALSE(denied());
}

TEST_F(DnsAnswer, DNS_19_a_spent_pool_is_a_server_failure_and_known_names_still_answer) {
  for (const char* name : {"a|example|com", "b|example|com", "c|example|com", "d|example|com"}) {
    EXPECT_EQ(rcode(ask(dns_query(name, kA))), 0U);
  }
  const Bytes reply = ask(dns_query("e|example|com", kA));
  EXPECT_EQ(rcode(reply), 2U);
  EXPECT_EQ(answers(reply), 0U);
  EXPECT_TRUE(denied());
  EXPECT_EQ(answers(ask(dns_query("a|example|com", kAaaa))), 1U);
}

}  // namespace
}  // namespace awf::egress
