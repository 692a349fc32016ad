#include "token-unset/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace awf::unset {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Records, are_read_with_their_origin_and_everything_after_the_first_equals_sign) {
  using namespace std::string_literals;
  const auto records = parse_records("h:A=1\0e:B=x=y\n\0a:C=\0"s);
  ASSERT_TRUE(records.ok()) << records.error();
  ASSERT_EQ(records->size(), 3U);
  EXPECT_EQ(records->at(0).origin, Origin::kHost);
  EXPECT_EQ(records->at(1).origin, Origin::kAsked);
  EXPECT_EQ(records->at(1).name, "B");
  EXPECT_EQ(records->at(1).value, "x=y\n");
  EXPECT_EQ(records->at(2).origin, Origin::kOwn);
  EXPECT_EQ(records->at(2).value, "");
}

TEST(Records, of_an_empty_text_are_none) {
  const auto records = parse_records("");
  ASSERT_TRUE(records.ok());
  EXPECT_TRUE(records->empty());
}

class MalformedRecord : public ::testing::TestWithParam<std::string> {};

TEST_P(MalformedRecord, is_refused_by_its_number_and_without_showing_it) {
  using namespace std::string_literals;
  const auto records = parse_records("h:A=1\0"s + GetParam());
  ASSERT_FALSE(records.ok());
  EXPECT_THAT(records.error(), HasSubstr("record 2 "));
  EXPECT_THAT(records.error(), Not(HasSubstr("hunter2")));
}

INSTANTIATE_TEST_SUITE_P(All, MalformedRecord,
                         ::testing::Values("hunter2", "z:hunter2=1", "h:hunter2", "h:=hunter2", "h",
                                           "hA=hunter2", std::string("\0h:A=1", 6)));

}  // namespace
}  // namespace awf::unset
