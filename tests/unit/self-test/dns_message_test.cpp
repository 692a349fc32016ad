#include "self-test/dns_message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::self_test {
namespace {

using Bytes = std::vector<std::uint8_t>;

// An answer to make_query(7, "a.io"): the question, then one A record that points back to its name.
Bytes sample_answer() {
  return {0, 7, 0x81, 0x80, 0,  1, 0, 1, 0, 0, 0, 0, 1,  'a', 2, 'i', 'o', 0, 0,
          1, 0, 1,    0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0,   4, 198, 18,  0, 5};
}

TEST(DnsMessage, a_query_is_what_rfc_1035_says) {
  EXPECT_EQ(make_query(7, "a.io"),
            (Bytes{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 2, 'i', 'o', 0, 0, 1, 0, 1}));
}

TEST(DnsMessage, the_first_address_of_an_answer_is_read) {
  const auto answer = read_answer(7, sample_answer());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->response_code, kNoError);
  EXPECT_EQ(answer->address, (std::array<std::uint8_t, 4>{198, 18, 0, 5}));
}

TEST(DnsMessage, a_name_that_does_not_exist_has_its_code_and_no_address) {
  const auto answer = read_answer(7, Bytes{0, 7, 0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->response_code, kNoSuchName);
  EXPECT_FALSE(answer->address);
}

TEST(DnsMessage, another_id_a_query_and_every_cut_of_an_answer_are_no_answer) {
  const Bytes whole = sample_answer();
  EXPECT_FALSE(read_answer(8, whole));
  EXPECT_FALSE(read_answer(7, make_query(7, "a.io")));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_answer(7, std::span(whole).first(size))) << size;
  }
}

}  // namespace
}  // namespace awf::self_test
