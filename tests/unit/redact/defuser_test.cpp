// The defuser against a parser of its own (runner_parser.hpp).
#include "redact/defuser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "redact/redactor.hpp"
#include "redact/secrets.hpp"
#include "runner_parser.hpp"

namespace awf::redact {
namespace {

std::string defused(std::string_view text, std::size_t piece = 1U << 20U) {
  Defuser defuser;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece)
    defuser.feed(text.substr(at, piece), out);
  return out;
}

TEST(Defuser, commands_lose_their_meaning_and_stay_readable) {
  EXPECT_EQ(defused("::error::spoofed\n"), ":\\:error::spoofed\n");
  EXPECT_EQ(defused("ok\n \t::set-output name=blocked::0\n"),
            "ok\n \t:\\:set-output name=blocked::0\n");
  EXPECT_EQ(defused("::stop-commands::token\n::token::\n"),
            ":\\:stop-commands::token\n:\\:token::\n");
  EXPECT_EQ(defused("text ##[add-mask]e and ###[group]x\n"),
            "text ##\\[add-mask]e and ###\\[group]x\n");
  EXPECT_EQ(defused("50%\r::warning::x"), "50%\r:\\:warning::x");
  EXPECT_EQ(defused("a\r\n::debug::x"), "a\r\n:\\:debug::x");
}

TEST(Defuser, ordinary_lines_pass_as_they_are) {
  const std::string text =
      "std::string a::b\n  x ::y\n: :\n# [a]\n#[b] ##\n[c]\n\x1b[31mred\x1b[0m\n\"::\"\n\r\n\n";
  EXPECT_EQ(defused(text), text);
}

TEST(Defuser, unicode_white_space_before_a_command_hides_nothing) {
  for (const std::string space : {"\xc2\xa0", "\xc2\x85", "\xe1\x9a\x80", "\xe2\x80\x80",
                                  "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
                                  "\xe2\x81\x9f", "\xe3\x80\x80", "\v", "\f", "\x1c", "\t "}) {
    const std::string text = "x\n" + space + "::error::x";
    ASSERT_EQ(test::has_command(text), space != "\x1c");
    EXPECT_EQ(defused(text), "x\n" + space + ":\\:error::x");
  }
}

TEST(Defuser, a_byte_order_mark_at_the_start_changes_no_decoding) {
  using std::string_literals::operator""s;
  for (const auto& text :
       {"\xff\xfe:\0:\0e\0:\0:\0"s, "\xfe\xff\0:\0:\0e\0:\0:"s, "\xef\xbb\xbf::error::x"s}) {
    ASSERT_TRUE(test::has_command(text));
    EXPECT_FALSE(test::has_command(defused(text)));
    EXPECT_FALSE(test::has_command(defused(text, 1)));
  }
}

TEST(Defuser, random_streams_hold_no_command_and_pieces_change_nothing) {
  const std::vector<std::string> parts = {":",
                                          "::",
                                          "#",
                                          "##",
                                          "[",
                                          "##[",
                                          "\n",
                                          "\r",
                                          "\r\n",
                                          " ",
                                          "\xa0",
                                          "\xc2\xa0",
                                          "\xe2\x80",
                                          "\x80",
                                          "x",
                                          "%0A",
                                          "]",
                                          "\\",
                                          "\xef\xbb\xbf",
                                          "\xff",
                                          "\xfe",
                                          std::string(1, '\0')};
  std::mt19937 random(29);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same streams in every run
  int with_command = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::size_t i = 0; i <= random() % 12; ++i)
      text += parts[random() % parts.size()];
    const auto whole = defused(text);
    with_command += test::has_command(text) ? 1 : 0;
    ASSERT_FALSE(test::has_command(whole)) << testing::PrintToString(text);
    for (const std::size_t size : {1U, 2U, 3U})
      ASSERT_EQ(defused(text, size), whole) << testing::PrintToString(text);
  }
  EXPECT_GT(with_command, 1000);
}

// Redaction first: what it puts in and leaves out makes no command, and the backslash breaks no
// secret in two before it is seen.
TEST(Defuser, neither_redaction_nor_defusing_undoes_the_other) {
  const Matcher matcher(forms_of({"##[secret]", "::secret::"}));
  const auto both = [&](std::string_view text) { return defused(redacted(matcher, text)); };
  EXPECT_EQ(both("##[secret]\n::secret::\n"), "***\n***\n");
  EXPECT_EQ(both(":##[secret]:error::\n"), ":***:error::\n");
  EXPECT_EQ(both("#::secret::#[error]\n"), "#***#[error]\n");
  EXPECT_EQ(both("::secret::::error::\n"), "***::error::\n");
}

}  // namespace
}  // namespace awf::redact
