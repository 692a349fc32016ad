// Where credentials lie when a variable moves them. Sources: each tool's own documentation.
#include "policy/credential_paths.hpp"

namespace awf::policy {
namespace {

constexpr RelocatedDirectory kRelocated[] = {
    {"XDG_CONFIG_HOME", ".config"},
    {"XDG_DATA_HOME", ".local/share"},
    {"XDG_STATE_HOME", ".local/state"},
    {"XDG_CACHE_HOME", ".cache"},
    {"GNUPGHOME", ".gnupg"},
    {"PASSWORD_STORE_DIR", ".password-store"},
    {"DOCKER_CONFIG", ".docker"},
    {"CARGO_HOME", ".cargo"},
    {"COMPOSER_HOME", ".composer"},
    {"GRADLE_USER_HOME", ".gradle"},
    {"BUNDLE_USER_HOME", ".bundle"},
    {"PUB_CACHE", ".pub-cache"},
    {"HEX_HOME", ".hex"},
    {"STACK_ROOT", ".stack"},
    {"GH_CONFIG_DIR", ".config/gh"},
    {"GLAB_CONFIG_DIR", ".config/glab-cli"},
    {"OP_CONFIG_DIR", ".config/op"},
    {"BITWARDENCLI_APPDATA_DIR", ".config/Bitwarden CLI"},
    {"AZURE_CONFIG_DIR", ".azure"},
    {"CLOUDSDK_CONFIG", ".config/gcloud"},
    {"OCI_CLI_CONFIG_DIR", ".oci"},
    {"IBMCLOUD_HOME", ".bluemix"},
    {"PULUMI_HOME", ".pulumi"},
    {"NETLIFY_CONFIG_DIR", ".config/netlify"},
    {"TELEPORT_HOME", ".tsh"},
    {"STEPPATH", ".step"},
    {"KAGGLE_CONFIG_DIR", ".kaggle"},
    {"HF_HOME", ".cache/huggingface"},
    {"CLAUDE_CONFIG_DIR", ".claude"},
    {"CODEX_HOME", ".codex"},
};

constexpr CredentialVariable kVariables[] = {
    // Version control, shells, keys
    {"NETRC"},
    {"GIT_CONFIG_GLOBAL"},
    {"GIT_CONFIG_SYSTEM"},
    {"HGRCPATH", true},
    {"HUB_CONFIG"},
    {"SSH_AUTH_SOCK"},
    {"SOPS_AGE_KEY_FILE"},
    {"VAULT_TOKEN_FILE"},
    {"XAUTHORITY"},
    {"ICEAUTHORITY"},
    {"KRB5CCNAME"},
    {"KRB5_KTNAME"},
    {"HISTFILE"},
    // Clouds and clusters
    {"KUBECONFIG", true},
    {"GOOGLE_APPLICATION_CREDENTIALS"},
    {"GOOGLE_GHA_CREDS_PATH"},
    {"CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"},
    {"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"},
    {"BOTO_CONFIG"},
    {"BOTO_PATH", true},
    {"AWS_SHARED_CREDENTIALS_FILE"},
    {"AWS_CONFIG_FILE"},
    {"AWS_WEB_IDENTITY_TOKEN_FILE"},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"},
    {"AZURE_FEDERATED_TOKEN_FILE"},
    {"AZURE_CLIENT_CERTIFICATE_PATH"},
    {"ARM_CLIENT_CERTIFICATE_PATH"},
    {"ARM_OIDC_TOKEN_FILE_PATH"},
    {"OCI_CLI_CONFIG_FILE"},
    {"OCI_CONFIG_FILE"},
    {"ALIBABA_CLOUD_CREDENTIALS_FILE"},
    {"HCLOUD_CONFIG"},
    {"SCW_CONFIG_PATH"},
    {"LINODE_CLI_CONFIG"},
    {"TF_CLI_CONFIG_FILE"},
    {"PULUMI_CREDENTIALS_PATH"},
    {"RCLONE_CONFIG"},
    {"DATABRICKS_CONFIG_FILE"},
    {"HELM_REGISTRY_CONFIG"},
    {"HELM_REPOSITORY_CONFIG"},
    {"REGISTRY_AUTH_FILE"},
    {"DOCKER_CERT_PATH"},
    // Package registries
    {"NPM_CONFIG_USERCONFIG"},
    {"npm_config_userconfig"},
    {"NPM_CONFIG_GLOBALCONFIG"},
    {"npm_config_globalconfig"},
    {"PIP_CONFIG_FILE"},
    {"UV_CONFIG_FILE"},
    {"UV_CREDENTIALS_DIR"},
    {"CONDARC"},
    {"BUNDLE_USER_CONFIG"},
    {"HF_TOKEN_PATH"},
    // Databases
    {"PGPASSFILE"},
    {"PGSERVICEFILE"},
    {"MYSQL_TEST_LOGIN_FILE"},
    // The runner's own: what triggered the run, and what it reads when the step has ended.
    {"GITHUB_EVENT_PATH"},
    {"GITHUB_ENV"},
    {"GITHUB_PATH"},
    {"GITHUB_OUTPUT"},
    {"GITHUB_STATE"},
    {"GITHUB_STEP_SUMMARY"},
};

constexpr std::string_view kRunner[] = {
    ".runner",
    ".runner_migrated",
    ".credentials",
    ".credentials_migrated",
    ".credentials_rsaparams",
    ".credential_store",
    ".certificates",
    ".proxy",
    ".proxycredentials",
    ".proxybypass",
    ".setup_info",
    ".env",
    ".path",
    ".service",
    ".options",
    ".telemetry",
    "_diag",
};

}  // namespace

std::span<const RelocatedDirectory> relocated_directories() noexcept {
  return kRelocated;
}

std::span<const CredentialVariable> credential_variables() noexcept {
  return kVariables;
}

std::span<const std::string_view> runner_credentials() noexcept {
  return kRunner;
}

}  // namespace awf::policy
