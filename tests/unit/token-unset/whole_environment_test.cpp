// --env-all, --env-file, --exclude-env and --secret: what passes beside the allow-list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/secret_names.hpp"
#include "token-unset/environment_rules.hpp"

namespace awf::unset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kSecret = "s3cr3t-Value/0123";

CommandEnvironment built(const std::vector<Record>& records) {
  auto result = build_environment(records);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error());
  return result.ok() ? *result : CommandEnvironment{};
}

TEST(WholeEnvironment, S9_09_every_sensitive_name_stays_out_and_its_value_under_another_name_too) {
  for (const auto name : policy::sensitive_names()) {
    const auto environment = built({{Origin::kOpenHost, std::string(name), kSecret},
                                    {Origin::kOpenHost, "COPY", std::string("a") + kSecret + "b"},
                                    {Origin::kOpenHost, "MY_SETTING", "1"}});
    EXPECT_THAT(environment.variables, ElementsAre("MY_SETTING=1")) << name;
    EXPECT_THAT(environment.protected_values, SizeIs(1)) << name;
  }
}

TEST(WholeEnvironment, S9_09_hooks_of_loaders_and_shells_and_the_runners_files_stay_out) {
  for (const auto* name :
       {"LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "ENV", "SUDO_USER", "PWD", "_", "GITHUB_ENV",
        "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "https_proxy",
        "ALL_PROXY", "AWF_ANYTHING", "GIT_CONFIG_COUNT", "GIT_CONFIG_VALUE_0", "DOCKER_HOST",
        "DBUS_SESSION_BUS_ADDRESS"}) {
    EXPECT_THAT(built({{Origin::kOpenHost, name, "/x"}}).variables, IsEmpty()) << name;
  }
}

TEST(WholeEnvironment, what_is_too_long_stays_out_with_a_note) {
  const auto environment = built({{Origin::kOpenHost, "FILE", std::string((64U << 10U) + 1, 'x')},
                                  {Origin::kOpenHost, "FITS", std::string(64U << 10U, 'x')}});
  EXPECT_THAT(environment.variables, ElementsAre("FITS=" + std::string(64U << 10U, 'x')));
  EXPECT_THAT(environment.notes, ElementsAre(HasSubstr("\"FILE\" is not passed on")));
}

TEST(WholeEnvironment, AWFs_own_variables_are_not_replaced_by_the_callers) {
  EXPECT_THAT(
      built({{Origin::kOpenHost, "HOME", "/root"}, {Origin::kOwn, "HOME", "/home/me"}}).variables,
      ElementsAre("HOME=/home/me"));
}

TEST(EnvironmentFile, adds_new_names_and_replaces_none) {
  const auto environment = built({{Origin::kHost, "LANG", "C"},
                                  {Origin::kFile, "LANG", "de_DE"},
                                  {Origin::kFile, "MODE", "file"},
                                  {Origin::kFile, "OTHER", "file"},
                                  {Origin::kFile, "HOME", "/x"},
                                  {Origin::kAsked, "MODE", "asked"},
                                  {Origin::kOwn, "HOME", "/home/me"}});
  EXPECT_THAT(environment.variables,
              ElementsAre("HOME=/home/me", "LANG=C", "MODE=asked", "OTHER=file"));
}

TEST(EnvironmentFile, a_sensitive_name_in_it_is_dropped_and_its_value_protected) {
  const auto environment =
      built({{Origin::kFile, "NPM_TOKEN", kSecret}, {Origin::kFile, "COPY", kSecret}});
  EXPECT_THAT(environment.variables, IsEmpty());
  EXPECT_THAT(environment.notes, ElementsAre(HasSubstr("--env-file: \"NPM_TOKEN\""),
                                             HasSubstr("\"COPY\" is not passed on")));
}

TEST(ExcludedName, passes_from_nowhere_and_keeps_its_value_protected) {
  for (const auto origin : {Origin::kHost, Origin::kOpenHost, Origin::kFile, Origin::kAsked}) {
    EXPECT_THAT(built({{origin, "LANG", "C"}, {Origin::kExclude, "LANG", ""}}).variables,
                IsEmpty());
  }
  const auto environment = built({{Origin::kHost, "NPM_TOKEN", kSecret},
                                  {Origin::kGrant, "NPM_TOKEN", ""},
                                  {Origin::kExclude, "NPM_TOKEN", ""},
                                  {Origin::kAsked, "COPY", kSecret}});
  EXPECT_THAT(environment.variables, IsEmpty());
  EXPECT_THAT(environment.granted, IsEmpty());
}

TEST(SecretName, TOK_06_a_value_that_no_name_tells_of_is_kept_out_under_every_name) {
  const auto environment =
      built({{Origin::kOpenHost, "HARMLESS", kSecret},
             {Origin::kSecret, "HARMLESS", ""},
             {Origin::kOpenHost, "URL", std::string("https://u:") + kSecret + "@h"},
             {Origin::kAsked, "X", kSecret}});
  EXPECT_THAT(environment.variables, IsEmpty());
  EXPECT_THAT(
      secret_in_command({"curl", std::string("-H") + kSecret}, environment.protected_values),
      HasSubstr("\"HARMLESS\""));
}

TEST(GrantedName, takes_the_value_of_env_before_the_hosts_before_a_files) {
  const std::vector<Record> all = {{Origin::kHost, "NPM_TOKEN", "from-host"},
                                   {Origin::kFile, "NPM_TOKEN", "from-file"},
                                   {Origin::kAsked, "NPM_TOKEN", "from-env"},
                                   {Origin::kGrant, "NPM_TOKEN", ""}};
  EXPECT_THAT(built(all).granted, ElementsAre("NPM_TOKEN=from-env"));
  EXPECT_THAT(built({all[1], all[0], all[3]}).granted, ElementsAre("NPM_TOKEN=from-host"));
  EXPECT_THAT(built({all[1], all[3]}).granted, ElementsAre("NPM_TOKEN=from-file"));
}

}  // namespace
}  // namespace awf::unset
