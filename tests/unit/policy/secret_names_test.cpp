#include "policy/secret_names.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace awf::policy {
namespace {

// Usable where nothing may be called: the compiler itself evaluates it.
static_assert(is_sensitive_name("GITHUB_TOKEN"));
static_assert(!is_sensitive_name("PATH"));

TEST(SecretNames, every_name_on_the_list_is_sensitive) {
  EXPECT_GT(sensitive_names().size(), 60U);
  for (const auto name : sensitive_names()) {
    EXPECT_TRUE(is_sensitive_name(name)) << name;
  }
}

TEST(SecretNames, the_names_that_the_reference_system_protects_are_sensitive) {
  for (const char* name : {"COPILOT_GITHUB_TOKEN",
                           "GITHUB_TOKEN",
                           "GH_TOKEN",
                           "GITHUB_API_TOKEN",
                           "GITHUB_PAT",
                           "GH_ACCESS_TOKEN",
                           "OPENAI_API_KEY",
                           "OPENAI_KEY",
                           "ANTHROPIC_API_KEY",
                           "ANTHROPIC_AUTH_TOKEN",
                           "CLAUDE_API_KEY",
                           "CODEX_API_KEY",
                           "COPILOT_PROVIDER_API_KEY",
                           "ADO_MCP_AUTH_TOKEN",
                           "OTEL_EXPORTER_OTLP_HEADERS",
                           "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                           "GEMINI_API_KEY",
                           "GOOGLE_API_KEY",
                           "GITHUB_PERSONAL_ACCESS_TOKEN",
                           "OPENAI_ENDPOINT_OVERRIDE"}) {
    EXPECT_TRUE(is_sensitive_name(name)) << name;
  }
}

TEST(SecretNames, the_names_that_the_reference_system_leaks_are_sensitive) {
  for (const char* name :
       {"CLAUDE_CODE_OAUTH_TOKEN", "ACTIONS_CACHE_URL", "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "AWS_WHATEVER", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID",
        "GOOGLE_APPLICATION_CREDENTIALS", "NPM_TOKEN", "GH_AW_GITHUB_TOKEN",
        "GITHUB_MCP_SERVER_TOKEN"}) {
    EXPECT_TRUE(is_sensitive_name(name)) << name;
  }
}

TEST(SecretNames, a_name_of_sensitive_shape_is_sensitive_wherever_it_comes_from) {
  for (const char* name : {"MY_DEPLOY_TOKEN",
                           "deploy_token",
                           "SIGNING_KEY",
                           "APP_SECRET",
                           "DB_PASSWORD",
                           "BOT_PAT",
                           "X_CREDENTIALS",
                           "GITHUB_TOKEN_2",
                           "API_KEY3",
                           "SECRET_KEY_BASE",
                           "DB_PASSWORD_FILE",
                           "TF_VAR_db_password",
                           "npm_config__auth",
                           "npm_config_//registry.example.com/:_authToken",
                           "SENTRY_DSN",
                           "SESSION_COOKIE",
                           "STORAGE_CONNECTION_STRING",
                           "SLACK_WEBHOOK_URL",
                           "CERT_PRIVATE_KEY_PEM",
                           "gpg_passphrase",
                           "CARGO_REGISTRIES_MINE_TOKEN"}) {
    EXPECT_TRUE(is_sensitive_name(name)) << name;
  }
}

TEST(SecretNames, ordinary_names_are_not_sensitive) {
  for (const char* name : {"",
                           "_",
                           "1",
                           "HOME",
                           "PWD",
                           "OLDPWD",
                           "MAX_TOKENS",
                           "TOKENIZERS_PARALLELISM",
                           "KEYBOARD",
                           "MONKEY",
                           "AWS_REGION",
                           "AWS_DEFAULT_REGION",
                           "AZURE_CONFIG_DIR",
                           "AZURE_EXTENSION_DIR",
                           "GITHUB_REPOSITORY",
                           "AUTHOR",
                           "PATTERN",
                           "COMPAT",
                           "AWF_ONE_SHOT_TOKENS",
                           "SSH_TTY",
                           "BUNDLE_PATH"}) {
    EXPECT_FALSE(is_sensitive_name(name)) << name;
  }
}

TEST(ForwardedNames, hold_nothing_sensitive_and_no_name_twice) {
  std::set<std::string_view> seen;
  for (const auto name : forwarded_names()) {
    EXPECT_FALSE(is_sensitive_name(name)) << name;
    EXPECT_TRUE(seen.insert(name).second) << name;
  }
}

TEST(ForwardedNames, hold_what_a_workflow_step_needs_and_no_file_of_the_runner) {
  const std::set<std::string_view> names(forwarded_names().begin(), forwarded_names().end());
  for (const char* name : {"PATH", "HOME", "USER", "LANG", "LC_ALL", "TERM", "CI", "GITHUB_ACTIONS",
                           "GITHUB_REPOSITORY", "GITHUB_REF_NAME", "GITHUB_SHA", "GITHUB_RUN_ID",
                           "GITHUB_WORKSPACE", "GITHUB_SERVER_URL", "RUNNER_OS", "RUNNER_ARCH"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  for (const char* name :
       {"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY",
        "GITHUB_EVENT_PATH", "RUNNER_TRACKING_ID", "LD_PRELOAD", "BASH_ENV", "NODE_OPTIONS",
        "DOCKER_HOST", "SSH_AUTH_SOCK"}) {
    EXPECT_FALSE(names.contains(name)) << name;
  }
}

}  // namespace
}  // namespace awf::policy
