#include "doh/dns_exchange.hpp"

#include <gtest/gtest.h>

#include <random>

namespace awf::doh {
namespace {

using net::ResolveAnswer;
using policy::HostName;
using policy::IpAddress;
using Status = ResolveAnswer::Status;

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values)
    text += static_cast<char>(value);
  return text;
}

std::string query(AddressType type = AddressType::kA) {
  return make_query(HostName::parse("example.org").or_refuse(), type);
}

// The question as a reply with this code and these records, all of which name the question.
std::string reply(unsigned code, const std::vector<std::string>& records,
                  AddressType type = AddressType::kA) {
  std::string text = query(type);
  text[2] = static_cast<char>(0x81);
  text[3] = static_cast<char>(0x80U | code);
  text[7] = static_cast<char>(records.size());
  for (const auto& record : records)
    text += record;
  return text;
}

std::string record_a(unsigned last) {
  return bytes({0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 93, 184, 216, last});
}

TEST(DnsExchange, a_query_is_what_rfc_8484_wants) {
  const std::string text = query();
  EXPECT_EQ(text.substr(0, 12), bytes({0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(text.substr(12), bytes({7}) + "example" + bytes({3}) + "org" + bytes({0, 0, 1, 0, 1}));
  EXPECT_EQ(query(AddressType::kAaaa).substr(25), bytes({0, 28, 0, 1}));
}

TEST(DnsExchange, addresses_of_a_reply_are_read_in_their_order) {
  const auto answer = read_reply(reply(0, {record_a(34), record_a(35)}), AddressType::kA);
  ASSERT_TRUE(answer.ok()) << answer.detail;
  ASSERT_EQ(answer.addresses.size(), 2U);
  EXPECT_EQ(answer.addresses[0].text(), "93.184.216.34");
  const std::string v6 = bytes({0xC0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, 0x26, 6,
                                0,    0,  0, 0,  0, 0, 0, 0, 0, 0,  0, 0,  0,    1});
  const auto answer6 = read_reply(reply(0, {v6}, AddressType::kAaaa), AddressType::kAaaa);
  ASSERT_TRUE(answer6.ok()) << answer6.detail;
  EXPECT_EQ(answer6.addresses.front().text(), "2606::1");
}

TEST(DnsExchange, replies_without_an_address_say_why) {
  EXPECT_EQ(read_reply(reply(3, {}), AddressType::kA).status, Status::kNoSuchName);
  EXPECT_EQ(read_reply(reply(0, {}), AddressType::kA).status, Status::kNoAddress);
  EXPECT_EQ(read_reply(reply(2, {}), AddressType::kA).status, Status::kServerFailure);
  EXPECT_EQ(read_reply(reply(5, {record_a(1)}), AddressType::kA).status, Status::kServerFailure);
  EXPECT_EQ(read_reply(query(), AddressType::kA).status, Status::kServerFailure);
}

// No crash and never an address that is not in the bytes (run under the sanitizers too).
TEST(DnsExchange, DNS_17_broken_replies_are_failures) {
  EXPECT_FALSE(read_reply("", AddressType::kA).ok());
  const std::string good = reply(0, {record_a(34)});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_reply(good.substr(0, size), AddressType::kA).ok()) << size;
  std::mt19937 random(8484);  // NOLINT(cert-msc32-c,cert-msc51-cpp): repeatable on purpose
  for (int i = 0; i < 20000; ++i) {
    std::string broken = good;
    broken[random() % broken.size()] = static_cast<char>(random());
    (void)read_reply(broken, i % 2 == 0 ? AddressType::kA : AddressType::kAaaa);
  }
}

TEST(DnsExchange, two_types_make_one_answer_and_a_failure_is_not_hidden) {
  const ResolveAnswer good{Status::kOk, {IpAddress::v4({9, 9, 9, 9})}, {}};
  const ResolveAnswer none{Status::kNoAddress, {}, "none"};
  const ResolveAnswer failed{Status::kServerFailure, {}, "failed"};
  EXPECT_EQ(merged(good, good).addresses.size(), 2U);
  EXPECT_TRUE(merged(none, good).ok());
  EXPECT_TRUE(merged(good, failed).ok());
  EXPECT_EQ(merged(none, failed).status, Status::kServerFailure);
  EXPECT_EQ(merged(failed, none).status, Status::kServerFailure);
  EXPECT_EQ(merged(none, none).status, Status::kNoAddress);
}

}  // namespace
}  // namespace awf::doh
