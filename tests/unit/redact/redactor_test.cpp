// The redactor: everything hidden, wherever the stream is cut, and nothing else touched or delayed.
#include "redact/redactor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "redact/secrets.hpp"
#include "reference.hpp"

namespace awf::redact {
namespace {

Matcher matcher_for(const std::vector<std::string>& values) {
  return Matcher(forms_of(std::vector<std::string_view>(values.begin(), values.end())));
}

std::vector<std::string> all_forms(const std::vector<std::string>& values) {
  const Forms forms = forms_of(std::vector<std::string_view>(values.begin(), values.end()));
  std::vector<std::string> all;
  for (std::size_t i = 0; i < forms.size(); ++i)
    all.emplace_back(forms[i]);
  return all;
}

std::string in_pieces(const Matcher& matcher, std::string_view text, std::size_t size) {
  Redactor redactor(matcher);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += size)
    redactor.feed(text.substr(at, size), out);
  redactor.finish(out);
  return out;
}

const std::vector<std::string> kValues = {"ghp_abcdef0123456789", "two\nlines-of it",
                                          "abcdef0123456789ghp_", "pass word+/1"};

TEST(Redactor, S9_10_every_form_is_hidden_at_every_border_of_two_pieces) {
  const auto matcher = matcher_for(kValues);
  for (const auto& form : all_forms(kValues)) {
    const std::string text = "before " + form + " after";
    for (std::size_t border = 0; border <= text.size(); ++border) {
      Redactor redactor(matcher);
      std::string out;
      redactor.feed(std::string_view(text).substr(0, border), out);
      redactor.feed(std::string_view(text).substr(border), out);
      redactor.finish(out);
      ASSERT_EQ(out, "before *** after") << border;
    }
  }
}

TEST(Redactor, the_size_of_the_pieces_changes_nothing) {
  const auto matcher = matcher_for(kValues);
  std::string text;
  for (const auto& form : all_forms(kValues))
    text += form.substr(0, form.size() - 1) + " " + form + form + "x" + form.substr(1) + "\n";
  const std::string expected = test::reference(all_forms(kValues), text);
  for (std::size_t size = 1; size <= 80; ++size)
    ASSERT_EQ(in_pieces(matcher, text, size), expected) << size;
}

TEST(Redactor, overlapping_and_touching_occurrences_are_hidden_as_one) {
  const auto matcher = matcher_for({"abcdefgh", "efghijkl", "mnopqr"});
  EXPECT_EQ(redacted(matcher, "1abcdefghijkl2"), "1***2");
  EXPECT_EQ(redacted(matcher, "1efghijklmnopqr2"), "1***2");
  EXPECT_EQ(redacted(matcher, "1abcdefgh-efghijkl2"), "1***-***2");
}

TEST(Redactor, a_longer_value_that_begins_like_a_shorter_one_is_hidden_whole) {
  const auto matcher = matcher_for({"abcdef", "abcdefghij"});
  EXPECT_EQ(redacted(matcher, "abcdefghi abcdefghij"), "***ghi ***");
  EXPECT_EQ(in_pieces(matcher, "abcdefghi abcdefghij", 1), "***ghi ***");
}

TEST(Redactor, random_texts_of_few_letters_agree_with_the_reference) {
  std::mt19937 random(17);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts in every run
  const auto word = [&](std::size_t size) {
    std::string text(size, ' ');
    for (auto& c : text)
      c = "ab"[random() % 2];
    return text;
  };
  for (int round = 0; round < 300; ++round) {
    const std::vector<std::string> values = {word(6), word(9), word(6 + random() % 20)};
    const auto matcher = matcher_for(values);
    const auto text = word(400);
    const auto expected = test::reference(all_forms(values), text);
    for (const std::size_t size : {1U, 2U, 5U, 7U, 64U, 400U})
      ASSERT_EQ(in_pieces(matcher, text, size), expected) << round << " " << size;
  }
}

TEST(Redactor, text_without_secrets_passes_unchanged_binary_included) {
  const auto matcher = matcher_for(kValues);
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += static_cast<char>(i * 7 + i / 256);
  EXPECT_EQ(redacted(matcher, text), text);
  EXPECT_EQ(in_pieces(matcher, text, 3), text);
}

TEST(Redactor, a_prompt_without_a_newline_is_not_held_back) {
  const auto matcher = matcher_for(kValues);
  Redactor redactor(matcher);
  std::string out;
  redactor.feed("Continue? [Y/n] ", out);
  EXPECT_EQ(out, "Continue? [Y/n] ");
  EXPECT_EQ(redactor.held_back(), 0U);
}

TEST(Redactor, held_back_is_only_what_could_still_become_a_secret) {
  const auto matcher = matcher_for({"ghp_abcdef0123456789"});
  Redactor redactor(matcher);
  std::string out;
  redactor.feed("token: ghp_abcdef", out);
  EXPECT_EQ(out, "token: ");
  redactor.feed("!", out);
  EXPECT_EQ(out, "token: ghp_abcdef!");
  redactor.feed("ghp_a", out);
  redactor.finish(out);
  EXPECT_EQ(out, "token: ghp_abcdef!ghp_a");
}

TEST(Redactor, an_endless_run_of_secrets_takes_no_memory) {
  const auto matcher = matcher_for({"abcabc"});
  Redactor redactor(matcher);
  std::string out;
  for (int i = 0; i < 100000; ++i)
    redactor.feed("abc", out);
  EXPECT_LT(redactor.held_back(), matcher.longest());
  redactor.finish(out);
  EXPECT_EQ(out, "***");
}

TEST(Redactor, the_output_is_never_longer_than_the_input) {
  const auto matcher = matcher_for({"abcabc", "xyzxyz"});
  const std::string text = "abcabc-xyzxyz-abcabcxyzxyz";
  EXPECT_LE(redacted(matcher, text).size(), text.size());
}

}  // namespace
}  // namespace awf::redact
