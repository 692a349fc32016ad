#include "net/lookup_messages.hpp"

#include <gtest/gtest.h>

namespace awf::net {
namespace {

using policy::HostName;
using policy::IpAddress;
using Status = ResolveAnswer::Status;

TEST(LookupMessages, a_question_comes_back_as_it_was) {
  const auto text = write_question({17, HostName::parse("github.com").or_refuse()});
  EXPECT_EQ(text, "17 github.com");
  const auto read = read_question(text).or_refuse();
  EXPECT_EQ(read.number, 17U);
  EXPECT_EQ(read.name.text(), "github.com");
  for (const char* bad : {"", "17", "x github.com", "17 github.com extra", "17  github.com",
                          "4294967296 github.com", "17 127.0.0.1"}) {
    EXPECT_FALSE(read_question(bad)) << bad;
  }
}

TEST(LookupMessages, an_answer_comes_back_as_it_was) {
  ResolveAnswer answer;
  answer.status = Status::kOk;
  answer.addresses = {IpAddress::parse("140.82.112.3").or_refuse(),
                      IpAddress::parse("2606:50c0:8000::153").or_refuse()};
  const auto text = write_answer({4, answer});
  EXPECT_EQ(text, "4 ok 140.82.112.3 2606:50c0:8000::153");
  EXPECT_EQ(read_answer(text).or_refuse().answer.addresses, answer.addresses);
  for (const auto status :
       {Status::kNoSuchName, Status::kNoAddress, Status::kServerFailure, Status::kTimeout}) {
    const auto failed = read_answer(write_answer({5, {status, {}, "why\nnot"}})).or_refuse();
    EXPECT_EQ(failed.number, 5U);
    EXPECT_EQ(failed.answer.status, status);
    EXPECT_EQ(failed.answer.detail, "why?not");
  }
}

TEST(LookupMessages, DNS_12_what_is_no_answer_is_refused_whole) {
  for (const char* bad : {"", "4", "4 ok", "4 OK 1.2.3.4", "x ok 1.2.3.4", "4 ok 1.2.3.4 evil.net",
                          "4 ok 1.2.3", "4 ok  1.2.3.4", "4 done 1.2.3.4"}) {
    EXPECT_FALSE(read_answer(bad)) << bad;
  }
  std::string many = "4 ok";
  for (std::size_t i = 0; i <= kMaxAddressesPerName; ++i)
    many += " 8.8.8.8";
  EXPECT_FALSE(read_answer(many));
}

}  // namespace
}  // namespace awf::net
