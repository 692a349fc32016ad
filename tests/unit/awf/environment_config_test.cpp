#include "awf/environment_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "awf/command_environment.hpp"
#include "common/check.hpp"

namespace awf::supervisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::optional<std::string> nothing(const std::string& /*name*/) {
  return std::nullopt;
}

std::string refusal_of(const Options& options, const GetVariable& variable = nothing) {
  try {
    (void)judge_environment(options, variable);
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
  return "accepted";
}

TEST(VariableFile, holds_literal_values_comments_and_empty_lines) {
  EXPECT_THAT(variables_of_file("# a comment\nA=1\r\n\n  \nB=\"x y\" # z\n_C2=\n", "f"),
              ElementsAre("A=1", "B=\"x y\" # z", "_C2="));
}

TEST(VariableFile, a_line_that_is_no_variable_is_refused_by_its_number_alone) {
  for (const std::string bad :
       {"hunter2", "=hunter2", "1A=hunter2", "A B=hunter2", "export A=hunter2", " A=hunter2"}) {
    try {
      (void)variables_of_file("A=1\n" + bad + "\n", "/some/file");
      ADD_FAILURE() << bad;
    } catch (const Refusal& refusal) {
      EXPECT_THAT(refusal.what(), HasSubstr("/some/file:2 "));
      EXPECT_THAT(refusal.what(), Not(HasSubstr("hunter2")));
    }
  }
}

TEST(VariableFile, a_NUL_byte_is_refused) {
  using namespace std::string_literals;
  EXPECT_THROW((void)variables_of_file("A=1\0x\n"s, "f"), Refusal);
}

TEST(EnvironmentConfig, a_file_that_cannot_be_read_is_named) {
  Options options;
  options.environment_files = {"/nonexistent/variables"};
  EXPECT_THAT(refusal_of(options), HasSubstr("/nonexistent/variables"));
}

TEST(EnvironmentConfig, a_pasted_secret_where_a_name_belongs_is_not_repeated) {
  for (const auto names : {&Options::grants, &Options::secrets, &Options::excluded_variables}) {
    Options options;
    options.*names = {"sk-hunter2"};
    EXPECT_THAT(refusal_of(options), HasSubstr("takes the name of a variable"));
    EXPECT_THAT(refusal_of(options), Not(HasSubstr("hunter2")));
  }
}

TEST(EnvironmentConfig, a_secret_shorter_than_six_characters_is_refused_with_the_reason) {
  Options options;
  options.secrets = {"MY_WORD"};
  const auto short_one = [](const std::string& name) {
    return name == "MY_WORD" ? std::optional<std::string>(" 12345 ") : std::nullopt;
  };
  EXPECT_THAT(refusal_of(options, short_one), HasSubstr("MY_WORD: its value is shorter than 6"));
  EXPECT_THAT(refusal_of(options, short_one), Not(HasSubstr("12345")));
  EXPECT_EQ(refusal_of(options), "accepted") << "one that is not set is no error";
  options.environment = {"MY_WORD=abc"};
  EXPECT_THAT(refusal_of(options), HasSubstr("MY_WORD: its value is shorter than 6"));
}

TEST(SearchPath, directories_of_earlier_steps_come_first_the_last_of_them_before_all) {
  EXPECT_EQ(search_path("/usr/bin:/bin", "/tool/a\n/tool/b\n"), "/tool/b:/tool/a:/usr/bin:/bin");
  EXPECT_EQ(search_path("/bin", "relative\n\n/a:/b\n /c \n"), "/c:/bin");
}

}  // namespace
}  // namespace awf::supervisor
