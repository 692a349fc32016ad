// The forms of a value, against what other programs print for it.
#include "redact/forms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "redact/add_mask.hpp"
#include "redact/encodings.hpp"
#include "redact/secrets.hpp"

namespace awf::redact {
namespace {

using testing::Contains;
using testing::Each;
using testing::Not;
using testing::SizeIs;

std::vector<std::string> ways_to_write(const std::string& value) {
  const Forms forms = forms_of(std::vector<std::string_view>{value});
  std::vector<std::string> all;
  for (std::size_t i = 0; i < forms.size(); ++i)
    all.emplace_back(forms[i]);
  return all;
}

// An encoder written from RFC 4648 alone.
std::string base64(std::string text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t missing = (3 - text.size() % 3) % 3;
  text.append(missing, '\0');
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned three = 0;
    for (std::size_t j = 0; j < 3; ++j)
      three = three << 8U | static_cast<unsigned char>(text[i + j]);
    for (const unsigned shift : {18U, 12U, 6U, 0U})
      out += alphabet[three >> shift & 63U];
  }
  return out.substr(0, out.size() - missing) + std::string(missing, '=');
}

TEST(Forms, a_plain_token_has_no_more_forms_than_it_needs) {
  // As it is, Base64 in three phases, hex twice (its letters differ).
  EXPECT_THAT(ways_to_write("ghp_0123456789abcdefghijKLMNOPQRSTUVWXYZ"), SizeIs(6));
}

TEST(Forms, RUN_14_base64_is_recognised_whatever_stands_before_and_after) {
  const std::string value = "\x7fs3cret/value\xfb?~";
  const auto forms = ways_to_write(value);
  for (const std::string before : {"", "a", "ab", "abc", "Basic user:"}) {
    for (const std::string after : {"", "x", "\xff\xff", "xyz"}) {
      const std::string text = base64(before + value + after);
      EXPECT_THAT(forms, Contains(testing::Truly([&](const std::string& form) {
                    return text.find(form) != std::string::npos &&
                           form.size() + 3 >= value.size() * 4 / 3;
                  })))
          << before << "|" << after;
    }
  }
}

TEST(Forms, the_url_safe_alphabet_is_known_too) {
  const auto forms = ways_to_write("\xfb\xff\xfe\xfb\xff\xfe");
  EXPECT_THAT(forms, Contains("-__--__-"));
  EXPECT_THAT(forms, Contains("+//++//+"));
}

TEST(Forms, hex_and_percent_in_both_cases) {
  const auto forms = ways_to_write("a/b c=\xc3\xbc");
  EXPECT_THAT(forms, Contains("612f6220633dc3bc"));
  EXPECT_THAT(forms, Contains("612F6220633DC3BC"));
  EXPECT_THAT(forms, Contains("a%2fb%20c%3d%c3%bc"));
  EXPECT_THAT(forms, Contains("a%2Fb%20c%3D%C3%BC"));
  EXPECT_THAT(forms, Contains("a%2Fb+c%3D%C3%BC"));
  EXPECT_THAT(forms, Contains("a/b%20c=%C3%BC"));  // encodeURI
}

TEST(Forms, json_as_encoders_differ_and_json_in_json) {
  const auto forms = ways_to_write("a\"b\\c/d<\n\xc3\xbc\xf0\x9f\x94\x91");
  EXPECT_THAT(forms, Contains("a\\\"b\\\\c/d<\\n\xc3\xbc\xf0\x9f\x94\x91"));
  EXPECT_THAT(forms, Contains("a\\\"b\\\\c\\/d<\\n\xc3\xbc\xf0\x9f\x94\x91"));
  EXPECT_THAT(forms, Contains("a\\\"b\\\\c/d\\u003c\\n\xc3\xbc\xf0\x9f\x94\x91"));
  EXPECT_THAT(forms, Contains("a\\\"b\\\\c/d<\\n\\u00fc\\ud83d\\udd11"));
  EXPECT_THAT(forms, Contains("a\\\\\\\"b\\\\\\\\c/d<\\\\n\xc3\xbc\xf0\x9f\x94\x91"));
}

TEST(Forms, shells_and_xml) {
  const auto forms = ways_to_write("it's $5 & a\ttab");
  EXPECT_THAT(forms, Contains("it'\\''s $5 & a\ttab"));
  EXPECT_THAT(forms, Contains("it'\"'\"'s $5 & a\ttab"));
  EXPECT_THAT(forms, Contains("it's \\$5 & a\ttab"));
  EXPECT_THAT(forms, Contains("it\\'s\\ \\$5\\ \\&\\ a\\\ttab"));
  EXPECT_THAT(forms, Contains("it\\'s $5 & a\\ttab"));
  EXPECT_THAT(forms, Contains("it&#39;s $5 &amp; a\ttab"));
}

TEST(Forms, the_lines_of_a_value_are_hidden_one_by_one_when_long_enough) {
  const auto forms = ways_to_write("first-line\r\n  second-line\n{\nthird line");
  EXPECT_THAT(forms, Contains("first-line"));
  EXPECT_THAT(forms, Contains("second-line"));
  EXPECT_THAT(forms, Contains("third%20line"));
  EXPECT_THAT(forms, Not(Contains("{")));
}

TEST(Forms, a_short_value_is_refused_with_a_reason_that_does_not_show_it) {
  Forms forms;
  const auto error = forms.add("qwzx5");
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->message, testing::HasSubstr("shorter than 6 bytes"));
  EXPECT_THAT(error->message, Not(testing::HasSubstr("qwzx")));
  EXPECT_THROW((void)ways_to_write("qwzx5"), Refusal);
}

TEST(Forms, none_is_shorter_than_a_value_may_be) {
  EXPECT_THAT(ways_to_write("sixsix"),
              Each(testing::Truly([](const std::string& form) { return form.size() >= 6; })));
}

TEST(Secrets, values_end_with_a_nul_byte_that_the_last_may_lack) {
  using std::string_view_literals::operator""sv;
  EXPECT_THAT(values_in("first one\0\0second\0"sv), testing::ElementsAre("first one", "second"));
  EXPECT_THAT(values_in("first one\0second"sv), testing::ElementsAre("first one", "second"));
  EXPECT_THAT(values_in(""), testing::IsEmpty());
}

TEST(AddMask, RUN_14_the_runner_reads_the_value_back) {
  Secret lines;
  append_add_mask(lines, "50% of\r\nit::all");
  EXPECT_EQ(lines.reveal(), "::add-mask::50%25 of%0D%0Ait::all\n");
}

}  // namespace
}  // namespace awf::redact
