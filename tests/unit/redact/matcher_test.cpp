// The matcher against a search for every form at every place.
#include "redact/matcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "redact/secrets.hpp"

namespace awf::redact {
namespace {

std::vector<bool> covered_by_matcher(const Matcher& matcher, std::string_view text) {
  std::vector<Interval> found;
  matcher.find(text, found);
  std::vector<bool> covered(text.size());
  for (const auto& interval : found) {
    for (std::size_t i = interval.begin; i < interval.end; ++i)
      covered[i] = true;
  }
  return covered;
}

std::vector<bool> covered_by_search(const Forms& forms, std::string_view text) {
  std::vector<bool> covered(text.size());
  for (std::size_t f = 0; f < forms.size(); ++f) {
    for (auto at = text.find(forms[f]); at != std::string_view::npos;
         at = text.find(forms[f], at + 1)) {
      for (std::size_t i = at; i < at + forms[f].size(); ++i)
        covered[i] = true;
    }
  }
  return covered;
}

std::size_t open_suffix_by_search(const Forms& forms, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto suffix = text.substr(at);
    for (std::size_t f = 0; f < forms.size(); ++f) {
      if (forms[f].size() > suffix.size() && forms[f].substr(0, suffix.size()) == suffix) return at;
    }
  }
  return text.size();
}

// Few letters, so that beginnings, ends and overlaps abound.
std::string random_text(std::mt19937& random, std::size_t size, int letters) {
  std::uniform_int_distribution<int> letter('a', 'a' + letters - 1);
  std::string text(size, ' ');
  for (auto& c : text)
    c = static_cast<char>(letter(random));
  return text;
}

TEST(Matcher, finds_what_a_search_finds_in_texts_of_few_letters) {
  std::mt19937 random(5);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts in every run
  for (int round = 0; round < 400; ++round) {
    const int letters = 2 + round % 3;
    std::vector<std::string> values;
    for (int i = 0; i <= round % 7; ++i) {
      values.push_back(
          random_text(random, 6 + static_cast<std::size_t>((round + i) % 23), letters));
    }
    const std::vector<std::string_view> views(values.begin(), values.end());
    const Forms forms = forms_of(views);
    const Matcher matcher(forms_of(views));
    const std::string text = random_text(random, 300, letters);
    ASSERT_EQ(covered_by_matcher(matcher, text), covered_by_search(forms, text)) << round;
    for (std::size_t size = 0; size <= 60; ++size) {
      const auto part = std::string_view(text).substr(0, size);
      ASSERT_EQ(matcher.open_suffix(part), open_suffix_by_search(forms, part)) << round << size;
    }
  }
}

TEST(Matcher, without_values_nothing_is_found_and_nothing_held_back) {
  const Matcher matcher(forms_of(std::vector<std::string_view>{}));
  std::vector<Interval> found;
  matcher.find("any text at all", found);
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(matcher.open_suffix("any text at all"), 15U);
}

TEST(Matcher, a_common_beginning_of_many_values_is_no_burden) {
  std::vector<std::string> values;
  values.reserve(1000);
  for (int i = 0; i < 1000; ++i)
    values.push_back("ghp_common_beginning_" + std::to_string(7919 * (i + 13)));
  const Matcher matcher(forms_of(std::vector<std::string_view>(values.begin(), values.end())));
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "ghp_common_beginning_ and no more\n";
  std::vector<Interval> found;
  matcher.find(text, found);
  EXPECT_TRUE(found.empty());
  matcher.find(text + values[500], found);
  EXPECT_THAT(found, testing::SizeIs(1));
}

}  // namespace
}  // namespace awf::redact
