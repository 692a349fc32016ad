#include "common/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace awf {
namespace {

using testing::ElementsAre;

TEST(Text, split_keeps_empty_pieces_so_that_a_forgotten_variable_is_seen) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split("a,", ','), ElementsAre("a", ""));
}

TEST(Text, trimmed_removes_ascii_white_space_only_at_the_ends) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed("\xc2\xa0x"), "\xc2\xa0x");
}

TEST(Text, quoted_shows_every_byte_that_could_steer_a_terminal_as_hex) {
  EXPECT_EQ(quoted("a\x1b[31m\n\"\\"), R"("a\x1b[31m\x0a\"\\")");
  EXPECT_EQ(quoted("caf\xc3\xa9"), R"("caf\xc3\xa9")");
  EXPECT_EQ(quoted(std::string_view("\0x", 2)), R"("\x00x")");
}

TEST(Text, quoted_cuts_what_is_too_long_and_says_so) {
  EXPECT_EQ(quoted("abcdef", 3), "\"abc\"…");
  EXPECT_EQ(quoted("abc", 3), "\"abc\"");
}

TEST(Text, a_number_is_digits_alone_and_fits_its_type) {
  EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
  for (const auto* bad : {"", "-1", "+1", " 1", "1 ", "0x10", "65536", "1.0", "1e3"}) {
    EXPECT_EQ(parse_number<std::uint16_t>(bad), std::nullopt) << bad;
  }
}

TEST(Text, nearest_names_the_likely_word_and_nothing_far_away) {
  const std::vector<std::string> known = {"--allow-domains", "--block-domains", "--tty"};
  EXPECT_EQ(nearest("--allow-domain", known), "--allow-domains");
  EXPECT_EQ(nearest("--alow-domians", known), "--allow-domains");
  EXPECT_EQ(nearest("--completely-different-thing", known), std::nullopt);
}

TEST(Text, paths_are_compared_by_components_and_not_by_letters) {
  EXPECT_TRUE(is_at_or_below("/home/u", "/home/u"));
  EXPECT_TRUE(is_at_or_below("/home/u/x", "/home/u"));
  EXPECT_TRUE(is_at_or_below("/x", "/"));
  EXPECT_FALSE(is_at_or_below("/home/user2", "/home/u"));
  EXPECT_FALSE(is_at_or_below("/home", "/home/u"));
}

TEST(Text, ascii_lower_leaves_other_bytes_alone) {
  EXPECT_EQ(ascii_lower("AbC-\xc3\x89"), "abc-\xc3\x89");
}

TEST(Text, FS_07_quoted_text_opens_no_command_of_the_runner) {
  EXPECT_EQ(quoted("##[error]x"), "\"##\\x5berror]x\"");
  EXPECT_EQ(quoted("#[a] ###[b]"), "\"#[a] ###\\x5bb]\"");
}

}  // namespace
}  // namespace awf
