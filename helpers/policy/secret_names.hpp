// Names of environment variables: which hold secrets, and which a command gets without being asked
// for. Header only, and nothing here throws, allocates or calls into libstdc++, because the preload
// library, which links libc alone, uses it too.
//
// A name is only the first line of defence: protection is by value, so the value of a sensitive
// name is also caught under a name that nobody thought of.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace awf::policy {
namespace secret_names {

// Names that no rule below recognises, or that are here so that tests walk them one by one.
inline constexpr std::string_view kExact[] = {
    // GitHub
    "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_TOKEN", "GITHUB_PAT", "GH_PAT", "GH_ACCESS_TOKEN",
    "GITHUB_PERSONAL_ACCESS_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN",
    "GH_AW_GITHUB_TOKEN", "GITHUB_MCP_SERVER_TOKEN", "COPILOT_GITHUB_TOKEN", "COPILOT_TOKEN",
    "HOMEBREW_GITHUB_API_TOKEN", "COMPOSER_AUTH",
    // GitHub Actions: whoever holds these speaks for the job (caches, artifacts, OIDC).
    "ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL",
    // Model providers; the endpoint overrides may carry a key in the URL.
    "OPENAI_API_KEY", "OPENAI_KEY", "CODEX_API_KEY", "OPENAI_ENDPOINT_OVERRIDE",
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "CLAUDE_API_KEY",
    "CLAUDE_CODE_OAUTH_TOKEN", "COPILOT_PROVIDER_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "CLOUDSDK_AUTH_ACCESS_TOKEN",
    "HF_TOKEN",
    // Cloud accounts; the AWS_ and AZURE_ prefixes below cover the rest of theirs.
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AZURE_CLIENT_SECRET", "AZURE_CREDENTIALS",
    "AZURE_DEVOPS_EXT_PAT", "ADO_MCP_AUTH_TOKEN", "SYSTEM_ACCESSTOKEN", "ARM_CLIENT_SECRET",
    "DIGITALOCEAN_ACCESS_TOKEN", "KUBECONFIG",
    // Package registries
    "NPM_TOKEN", "NODE_AUTH_TOKEN", "NPM_CONFIG__AUTH", "PYPI_TOKEN", "TWINE_PASSWORD",
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL",
    "CARGO_REGISTRY_TOKEN", "RUBYGEMS_API_KEY", "GEM_HOST_API_KEY", "NUGET_API_KEY",
    "NUGET_AUTH_TOKEN", "DOCKER_PASSWORD", "DOCKER_AUTH_CONFIG",
    // Databases and messages: connection strings with a password in them.
    "DATABASE_URL", "REDIS_URL", "MONGODB_URI", "MONGO_URL", "AMQP_URL", "PGPASSWORD", "MYSQL_PWD",
    "SLACK_WEBHOOK_URL",
    // Agents and generic names
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "SSHPASS", "VAULT_TOKEN", "TOKEN", "PAT",
    "AUTH", "APIKEY", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"};

// Everything of these vendors is taken for a secret …
inline constexpr std::string_view kPrefixes[] = {"AWS_",
                                                 "AZURE_",
                                                 "ACTIONS_ID_TOKEN_REQUEST_",
                                                 "AWF_AUTH_",
                                                 "AWF_ENCLAVE_MCP_",
                                                 "NPM_CONFIG_//",
                                                 "CARGO_REGISTRIES_",
                                                 "BUNDLE_",
                                                 "GIT_CONFIG_VALUE_"};

// … but these, which tools need and whose values are ordinary words: protecting "us-east-1" by
// value would garble every log.
inline constexpr std::string_view kHarmless[] = {"AWS_REGION",          "AWS_DEFAULT_REGION",
                                                 "AWS_DEFAULT_OUTPUT",  "AWS_PAGER",
                                                 "AWS_PROFILE",         "AWS_DEFAULT_PROFILE",
                                                 "AWS_MAX_ATTEMPTS",    "AWS_RETRY_MODE",
                                                 "AWS_SDK_LOAD_CONFIG", "AWS_EC2_METADATA_DISABLED",
                                                 "AZURE_CONFIG_DIR",    "AZURE_EXTENSION_DIR",
                                                 "AZURE_LOCATION",      "AZURE_REGION",
                                                 "BUNDLE_PATH",         "BUNDLE_GEMFILE",
                                                 "BUNDLE_JOBS",         "BUNDLE_WITHOUT",
                                                 "BUNDLE_APP_CONFIG",   "BUNDLE_BIN"};

inline constexpr std::string_view kSuffixes[] = {
    "_TOKEN",      "_KEY",         "_SECRET",    "_PASSWORD",    "_PAT",    "_CREDENTIALS",
    "_CREDENTIAL", "_CREDS",       "_AUTH",      "_PASS",        "_PASSWD", "_PWD",
    "_DSN",        "_JWT",         "_SAS",       "_B64",         "_COOKIE", "_CONNECTION_STRING",
    "_WEBHOOK",    "_WEBHOOK_URL", "_AUTHTOKEN", "_ACCESSTOKEN", "_APIKEY", "_HEADERS"};

// Anywhere in the name: SECRET_KEY_BASE, DB_PASSWORD_FILE, MY_PRIVATE_KEY_PEM.
inline constexpr std::string_view kParts[] = {"SECRET",      "PASSWORD", "PASSPHRASE", "CREDENTIAL",
                                              "PRIVATE_KEY", "API_KEY",  "ACCESS_KEY"};

// What a command gets when nobody asks for more: who and where it is, how to print, where the
// tools are, and the facts of the workflow run. Never a secret, never a file of the runner.
inline constexpr std::string_view kForwarded[] = {
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "TERM", "COLORTERM", "NO_COLOR",
    "FORCE_COLOR", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE",
    "LC_MONETARY", "LC_MESSAGES", "LC_PAPER", "LC_NAME", "LC_ADDRESS", "LC_TELEPHONE",
    "LC_MEASUREMENT", "LC_IDENTIFICATION", "XDG_CONFIG_HOME", "AZURE_CONFIG_DIR",
    // Where tools are
    "GOROOT", "CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME", "DOTNET_ROOT", "BUN_INSTALL",
    "RUNNER_TOOL_CACHE", "AGENT_TOOLSDIRECTORY",
    // The workflow run
    "CI", "GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER",
    "GITHUB_REPOSITORY_OWNER_ID", "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE",
    "GITHUB_REF_PROTECTED", "GITHUB_HEAD_REF", "GITHUB_BASE_REF", "GITHUB_SHA", "GITHUB_RUN_ID",
    "GITHUB_RUN_NUMBER", "GITHUB_RUN_ATTEMPT", "GITHUB_WORKSPACE", "GITHUB_EVENT_NAME",
    "GITHUB_ACTOR", "GITHUB_ACTOR_ID", "GITHUB_TRIGGERING_ACTOR", "GITHUB_JOB", "GITHUB_WORKFLOW",
    "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA", "GITHUB_SERVER_URL", "GITHUB_API_URL",
    "GITHUB_GRAPHQL_URL", "RUNNER_OS", "RUNNER_ARCH", "RUNNER_TEMP", "RUNNER_ENVIRONMENT",
    // Tracing, whose header variables stay behind
    "COPILOT_OTEL_FILE_EXPORTER_PATH", "GITHUB_AW_OTEL_TRACE_ID", "GITHUB_AW_OTEL_PARENT_SPAN_ID",
    "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER",
    "OTEL_LOGS_EXPORTER", "OTEL_SDK_DISABLED"};

// What no command gets from its caller, not even when it gets everything else (--env-all): what
// speaks of another process (shell, sudo), what is loaded into every program, the runner's command
// files, and the ways to places that are not there inside. AWF sets its own proxy variables.
inline constexpr std::string_view kNeverForwarded[] = {"PWD",
                                                       "OLDPWD",
                                                       "SHLVL",
                                                       "_",
                                                       "SUDO_COMMAND",
                                                       "SUDO_USER",
                                                       "SUDO_UID",
                                                       "SUDO_GID",
                                                       "LD_PRELOAD",
                                                       "LD_AUDIT",
                                                       "BASH_ENV",
                                                       "ENV",
                                                       "HTTP_PROXY",
                                                       "HTTPS_PROXY",
                                                       "ALL_PROXY",
                                                       "FTP_PROXY",
                                                       "NO_PROXY",
                                                       "DOCKER_HOST",
                                                       "DBUS_SESSION_BUS_ADDRESS",
                                                       "XDG_RUNTIME_DIR",
                                                       "GITHUB_ENV",
                                                       "GITHUB_PATH",
                                                       "GITHUB_OUTPUT",
                                                       "GITHUB_STATE",
                                                       "GITHUB_STEP_SUMMARY",
                                                       "GITHUB_EVENT_PATH",
                                                       "MCP_GATEWAY_HOST_DOMAIN",
                                                       "GIT_CONFIG_COUNT",
                                                       "GIT_CONFIG_PARAMETERS"};

// Settings of AWF itself.
inline constexpr std::string_view kOwnPrefix = "AWF_";

constexpr char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Does `text` hold `upper_case` at `position`, letters of either case alike? By pointers, since
// std::string_view::substr would drag in the exceptions of libstdc++.
constexpr bool holds_at(std::string_view text, std::size_t position,
                        std::string_view upper_case) noexcept {
  if (position > text.size() || text.size() - position < upper_case.size()) return false;
  const char* at = text.data() + position;
  for (const char expected : upper_case) {
    if (upper(*at) != expected) return false;
    ++at;
  }
  return true;
}

constexpr bool is_one_of(std::string_view name,
                         std::span<const std::string_view> candidates) noexcept {
  for (const std::string_view candidate : candidates) {
    if (name.size() == candidate.size() && holds_at(name, 0, candidate)) return true;
  }
  return false;
}

constexpr bool holds_anywhere(std::string_view name, std::string_view part) noexcept {
  for (std::size_t i = 0; i + part.size() <= name.size(); ++i) {
    if (holds_at(name, i, part)) return true;
  }
  return false;
}

// "DEPLOY_TOKEN_2" is judged as "DEPLOY_TOKEN".
constexpr std::string_view without_number(std::string_view name) noexcept {
  std::size_t size = name.size();
  while (size > 0 && name.data()[size - 1] >= '0' && name.data()[size - 1] <= '9')
    --size;
  if (size == name.size() || size == 0) return name;
  if (name.data()[size - 1] == '_') --size;
  return {name.data(), size};
}

constexpr bool has_sensitive_shape(std::string_view name) noexcept {
  for (const std::string_view prefix : kPrefixes) {
    if (holds_at(name, 0, prefix)) return true;
  }
  for (const std::string_view part : kParts) {
    if (holds_anywhere(name, part)) return true;
  }
  const std::string_view stem = without_number(name);
  for (const std::string_view suffix : kSuffixes) {
    if (stem.size() >= suffix.size() && holds_at(stem, stem.size() - suffix.size(), suffix)) {
      return true;
    }
  }
  return false;
}

}  // namespace secret_names

// Does a variable of this name hold a secret? Letters of either case alike: npm_config__auth.
constexpr bool is_sensitive_name(std::string_view name) noexcept {
  if (secret_names::is_one_of(name, secret_names::kHarmless)) return false;
  return secret_names::is_one_of(name, secret_names::kExact) ||
         secret_names::has_sensitive_shape(name);
}

// May the caller's variable of this name pass when all are to pass (--env-all)? Those of secrets
// may not.
constexpr bool is_forwardable_name(std::string_view name) noexcept {
  return !is_sensitive_name(name) && !secret_names::holds_at(name, 0, secret_names::kOwnPrefix) &&
         !secret_names::is_one_of(name, secret_names::kNeverForwarded);
}

// The names that are listed one by one, for tests and for the default of AWF_ONE_SHOT_TOKENS.
constexpr std::span<const std::string_view> sensitive_names() noexcept {
  return secret_names::kExact;
}

// The names that are forwarded by default; none of them is sensitive.
constexpr std::span<const std::string_view> forwarded_names() noexcept {
  return secret_names::kForwarded;
}

}  // namespace awf::policy
