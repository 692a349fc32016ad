#include "token-unset/environment_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policy/secret_names.hpp"

namespace awf::unset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kSecret = "s3cr3t-Value/0123";

Record host(std::string name, std::string value) {
  return {Origin::kHost, std::move(name), std::move(value)};
}
Record asked(std::string name, std::string value) {
  return {Origin::kAsked, std::move(name), std::move(value)};
}
Record own(std::string name, std::string value) {
  return {Origin::kOwn, std::move(name), std::move(value)};
}

CommandEnvironment built(const std::vector<Record>& records) {
  auto result = build_environment(records);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error());
  return result.ok() ? *result : CommandEnvironment{};
}

TEST(CommandEnvironment, of_the_host_only_names_on_the_allow_list_pass) {
  const auto environment = built({host("LANG", "C.UTF-8"), host("GITHUB_SHA", "abc"),
                                  host("LD_PRELOAD", "/tmp/x.so"), host("BASH_ENV", "/tmp/x"),
                                  host("GITHUB_ENV", "/tmp/set_env"), host("MY_SETTING", "1")});
  EXPECT_THAT(environment.variables, ElementsAre("GITHUB_SHA=abc", "LANG=C.UTF-8"));
  EXPECT_THAT(environment.notes, IsEmpty());
}

TEST(CommandEnvironment, what_env_asks_for_passes_and_replaces_the_host) {
  const auto environment = built({host("LANG", "C"), asked("LANG", "de_DE"), asked("A", "")});
  EXPECT_THAT(environment.variables, ElementsAre("A=", "LANG=de_DE"));
}

TEST(CommandEnvironment, AWFs_own_variables_cannot_be_replaced_by_env) {
  const auto environment =
      built({host("PATH", "/host"), asked("PATH", "/evil"), own("PATH", "/usr/bin")});
  EXPECT_THAT(environment.variables, ElementsAre("PATH=/usr/bin"));
  EXPECT_THAT(environment.notes, ElementsAre(HasSubstr("PATH")));
}

TEST(CommandEnvironment, proxy_variables_can_be_replaced_by_env) {
  const auto environment = built({asked("https_proxy", "http://other:1"), asked("NO_PROXY", "*"),
                                  own("https_proxy", "http://127.0.0.1:3128"),
                                  own("NO_PROXY", "localhost"), own("HTTP_PROXY", "http://x")});
  EXPECT_THAT(environment.variables,
              ElementsAre("HTTP_PROXY=http://x", "NO_PROXY=*", "https_proxy=http://other:1"));
  EXPECT_THAT(environment.notes, IsEmpty());
}

TEST(CommandEnvironment, a_proxy_variable_of_the_host_never_passes) {
  EXPECT_THAT(built({host("HTTPS_PROXY", "http://corp:8080")}).variables, IsEmpty());
}

TEST(CommandEnvironment, S5_G7_a_token_that_is_not_set_causes_neither_error_nor_noise) {
  EXPECT_THAT(built({own("HOME", "/home/u")}).notes, IsEmpty());
}

TEST(CommandEnvironment, S5_E3_a_token_of_the_host_and_one_of_env_are_both_dropped) {
  const auto environment = built({host("GITHUB_TOKEN", kSecret), asked("GH_TOKEN", "gho_another")});
  EXPECT_THAT(environment.variables, IsEmpty());
  EXPECT_THAT(environment.notes, ElementsAre(HasSubstr("GH_TOKEN")));
}

TEST(CommandEnvironment, TOK_06_the_same_value_under_another_name_is_caught) {
  const auto environment =
      built({host("GITHUB_TOKEN", kSecret), asked("HARMLESS", kSecret),
             asked("URL", std::string("https://x:") + kSecret + "@github.com"), asked("B", "ok")});
  EXPECT_THAT(environment.variables, ElementsAre("B=ok"));
  EXPECT_THAT(environment.notes, ElementsAre(HasSubstr("HARMLESS"), HasSubstr("URL")));
}

TEST(CommandEnvironment, TOK_06_a_secret_inside_a_name_is_caught) {
  const auto environment = built({host("GITHUB_TOKEN", "abcdef"), asked("X_abcdef_Y", "1")});
  EXPECT_THAT(environment.variables, IsEmpty());
}

TEST(CommandEnvironment, TOK_06_white_space_around_the_original_does_not_hide_a_copy) {
  const auto environment =
      built({host("GITHUB_TOKEN", std::string(kSecret) + "\n"), asked("COPY", kSecret)});
  EXPECT_THAT(environment.variables, IsEmpty());
}

TEST(CommandEnvironment, a_value_too_short_to_be_a_secret_is_dropped_by_name_only) {
  const auto environment = built({host("USE_TOKEN", "true"), asked("DEBUG", "true")});
  EXPECT_THAT(environment.variables, ElementsAre("DEBUG=true"));
  EXPECT_THAT(environment.protected_values, IsEmpty());
}

TEST(CommandEnvironment, placeholders_of_AWFs_own_pass_under_the_name_of_a_key) {
  const auto environment =
      built({host("OPENAI_API_KEY", kSecret), own("OPENAI_API_KEY", "sk-placeholder")});
  EXPECT_THAT(environment.variables, ElementsAre("OPENAI_API_KEY=sk-placeholder"));
}

TEST(CommandEnvironment, is_refused_when_AWFs_own_variable_would_carry_a_secret) {
  const auto result =
      build_environment({host("DB_PASSWORD", "runner"), own("HOME", "/home/runner")});
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error(), HasSubstr("HOME"));
  EXPECT_THAT(result.error(), HasSubstr("DB_PASSWORD"));
  EXPECT_THAT(result.error(), Not(HasSubstr("runner")));
}

TEST(CommandEnvironment, TOK_21_no_note_shows_a_part_of_a_value) {
  const auto environment = built({host("GITHUB_TOKEN", kSecret), asked("COPY", kSecret),
                                  asked("API_KEY", "qwertzuiop"), own("PATH", "/bin")});
  for (const auto& note : environment.notes) {
    EXPECT_THAT(note, Not(HasSubstr("s3cr"))) << note;
    EXPECT_THAT(note, Not(HasSubstr("qwer"))) << note;
  }
}

class SensitiveName : public ::testing::TestWithParam<std::string_view> {};

TEST_P(SensitiveName, S5_G3_never_reaches_the_command_and_its_value_is_protected) {
  const std::string name(GetParam());
  const auto environment =
      built({host(name, kSecret), asked(name, kSecret), asked("COPY", kSecret), own("A", "b")});
  EXPECT_THAT(environment.variables, ElementsAre("A=b"));
  EXPECT_FALSE(holds_secret(environment.variables, environment.protected_values));
  EXPECT_TRUE(holds_secret({std::string("X=") + kSecret}, environment.protected_values));
}

INSTANTIATE_TEST_SUITE_P(Listed, SensitiveName,
                         ::testing::ValuesIn(policy::sensitive_names().begin(),
                                             policy::sensitive_names().end()));

class ForwardedName : public ::testing::TestWithParam<std::string_view> {};

TEST_P(ForwardedName, passes) {
  const std::string name(GetParam());
  EXPECT_THAT(built({host(name, "v")}).variables, ElementsAre(name + "=v"));
}

INSTANTIATE_TEST_SUITE_P(Listed, ForwardedName,
                         ::testing::ValuesIn(policy::forwarded_names().begin(),
                                             policy::forwarded_names().end()));

TEST(Command, S5_G6_with_a_secret_in_a_word_is_refused_by_its_position_only) {
  const auto reason = secret_in_command({"curl", "-H", std::string("Authorization: ") + kSecret},
                                        {{"GITHUB_TOKEN", kSecret}});
  EXPECT_THAT(reason, HasSubstr("word 2 "));
  EXPECT_THAT(reason, HasSubstr("GITHUB_TOKEN"));
  EXPECT_THAT(reason, Not(HasSubstr(kSecret)));
}

TEST(Command, without_a_secret_is_not_refused) {
  EXPECT_EQ(secret_in_command({"curl", "https://github.com"}, {{"GITHUB_TOKEN", kSecret}}), "");
}

}  // namespace
}  // namespace awf::unset
