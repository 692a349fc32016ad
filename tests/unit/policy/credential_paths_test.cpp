#include "policy/credential_paths.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace awf::policy {
namespace {

using Kind = CredentialPath::Kind;

void expect_well_formed(const CredentialPath& entry) {
  const std::string_view path = entry.path;
  EXPECT_FALSE(path.empty() || path.ends_with('/')) << path;
  for (const char* wrong : {"//", "/../", "/./"}) {
    EXPECT_EQ(path.find(wrong), std::string_view::npos) << path;
  }
  EXPECT_FALSE(path.starts_with("../") || path.starts_with("~")) << path;
  EXPECT_FALSE(entry.what.empty()) << path;
  const auto star = path.find('*');
  EXPECT_EQ(star != std::string_view::npos, entry.kind == Kind::kGlob) << path;
  if (star != std::string_view::npos) {
    EXPECT_EQ(path.find('/', star), std::string_view::npos) << path;
  }
}

// Is a file at `path` hidden by an entry for it, for a directory above it, or by a glob?
bool hides(std::span<const CredentialPath> entries, std::string_view path) {
  for (const CredentialPath& entry : entries) {
    if (entry.kind == Kind::kFile && entry.path == path) return true;
    if (entry.kind == Kind::kDirectory && path.starts_with(entry.path) &&
        (path.size() == entry.path.size() || path[entry.path.size()] == '/')) {
      return true;
    }
    if (entry.kind != Kind::kGlob) continue;
    const auto star = entry.path.find('*');
    const auto head = entry.path.substr(0, star);
    const auto tail = entry.path.substr(star + 1);
    if (path.size() >= head.size() + tail.size() && path.starts_with(head) &&
        path.ends_with(tail) && path.find('/', head.size()) == std::string_view::npos) {
      return true;
    }
  }
  return false;
}

TEST(CredentialPaths, are_well_formed_and_listed_once) {
  std::set<std::string_view> seen;
  for (const auto entries : {home_credentials(), system_credentials()}) {
    for (const CredentialPath& entry : entries) {
      expect_well_formed(entry);
      EXPECT_TRUE(seen.insert(entry.path).second) << entry.path;
    }
  }
}

TEST(CredentialPaths, are_relative_to_home_or_absolute) {
  for (const CredentialPath& entry : home_credentials()) {
    EXPECT_NE(entry.path.front(), '/') << entry.path;
  }
  for (const CredentialPath& entry : system_credentials()) {
    EXPECT_EQ(entry.path.front(), '/') << entry.path;
  }
}

TEST(CredentialPaths, hold_every_file_that_the_reference_system_masks) {
  for (const char* path : {".docker/config.json",
                           ".npmrc",
                           ".composer/auth.json",
                           ".ssh/id_rsa",
                           ".ssh/id_ed25519",
                           ".ssh/id_ecdsa",
                           ".ssh/id_dsa",
                           ".aws/credentials",
                           ".aws/config",
                           ".kube/config",
                           ".azure/credentials",
                           ".azure/msal_token_cache.bin",
                           ".azure/msal_token_cache.json",
                           ".azure/accessTokens.json",
                           ".azure/service_principal_entries.json",
                           ".cargo/credentials",
                           ".cargo/credentials.toml",
                           ".claude/.credentials.json",
                           ".gemini/oauth_creds.json",
                           ".gemini/google_accounts.json",
                           ".gemini/access_tokens.json",
                           ".config/gh/hosts.yml",
                           ".config/gcloud/credentials.db",
                           ".config/gcloud/access_tokens.db",
                           ".config/gcloud/application_default_credentials.json",
                           ".config/doctl/config.yaml",
                           ".config/rclone/rclone.conf",
                           ".config/containers/auth.json",
                           ".config/pulumi/credentials.json",
                           ".config/helm/repositories.yaml"}) {
    EXPECT_TRUE(hides(home_credentials(), path)) << path;
  }
}

TEST(CredentialPaths, hold_the_files_that_the_reference_system_misses) {
  for (const char* path : {".config/heroku/auth.json",
                           ".config/hub",
                           ".config/op/config",
                           ".local/state/sandboxes/a",
                           ".config/git/credentials",
                           ".config/configstore/firebase-tools.json",
                           ".config/github-copilot/apps.json",
                           ".config/gcloud/legacy_credentials/x/adc.json",
                           ".cache/huggingface/token",
                           ".cargo/config.toml",
                           ".config/pip/pip.conf",
                           ".pip/pip.conf",
                           ".pypirc",
                           ".local/share/keyrings/login.keyring",
                           ".netrc",
                           ".git-credentials",
                           ".gitconfig",
                           ".gnupg/private-keys-v1.d/a.key",
                           ".ssh/id_work",
                           ".ssh/deploy.pem",
                           ".oci/config",
                           ".bash_history",
                           ".zsh_history",
                           ".codex/auth.json"}) {
    EXPECT_TRUE(hides(home_credentials(), path)) << path;
  }
  for (const char* path :
       {"/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d/runner",
        "/etc/ssh/ssh_host_ed25519_key", "/etc/ssl/private/server.key", "/run/docker.sock",
        "/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock",
        "/run/crio/crio.sock", "/run/snapd.socket", "/run/systemd/private",
        "/run/dbus/system_bus_socket", "/run/user/1000/bus", "/tmp/gh-aw/mcp-logs/a.log",
        "/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket"}) {
    EXPECT_TRUE(hides(system_credentials(), path)) << path;
  }
}

// The tools that the product's list of requirements names, each by the file that its manual names.
TEST(CredentialPaths, S4_G1_S4_G2_S4_G3_S4_G9_hold_every_tool_that_is_asked_for) {
  for (const char* path : {".ssh/id_ed25519",
                           ".cargo/credentials.toml",
                           ".composer/auth.json",
                           ".config/composer/auth.json",
                           ".config/pip/pip.conf",
                           ".pypirc",
                           ".netrc",
                           ".git-credentials",
                           ".gnupg/x",
                           ".kube/config",
                           ".docker/config.json",
                           ".config/containers/auth.json",
                           ".config/gh/hosts.yml",
                           ".config/hub",
                           ".config/glab-cli/config.yml",
                           ".config/heroku/x",
                           ".config/op/config",
                           ".vault-token",
                           ".terraform.d/credentials.tfrc.json",
                           ".terraformrc",
                           ".pulumi/credentials.json",
                           ".config/doctl/config.yaml",
                           ".aws/credentials",
                           ".azure/msal_token_cache.json",
                           ".config/gcloud/legacy_credentials/x/adc.json",
                           ".oci/config",
                           ".config/rclone/rclone.conf",
                           ".npmrc",
                           ".yarnrc",
                           ".yarnrc.yml",
                           ".config/pnpm/auth.ini",
                           ".bunfig.toml",
                           ".m2/settings.xml",
                           ".gradle/gradle.properties",
                           ".nuget/NuGet/NuGet.Config",
                           ".gem/credentials",
                           ".hex/hex.config",
                           ".config/github-copilot/apps.json",
                           ".claude/.credentials.json",
                           ".gemini/oauth_creds.json",
                           ".codex/auth.json"}) {
    EXPECT_TRUE(hides(home_credentials(), path)) << path;
  }
}

// A pattern finds nothing that comes later: what it usually matches stands by name as well.
TEST(CredentialPaths, FS_14_are_known_by_name_where_a_pattern_would_come_too_late) {
  const auto named = [](std::span<const CredentialPath> entries, std::string_view path) {
    return std::any_of(entries.begin(), entries.end(), [&](const CredentialPath& entry) {
      return entry.kind == Kind::kFile && entry.path == path;
    });
  };
  for (const char* path : {".bash_history", ".zsh_history", ".python_history", ".docker/key.pem"})
    EXPECT_TRUE(named(home_credentials(), path)) << path;
  EXPECT_TRUE(named(system_credentials(), "/etc/ssh/ssh_host_ed25519_key"));
}

TEST(RelocatedDirectories, stand_for_something_of_the_catalogue) {
  for (const auto& relocated : relocated_directories()) {
    const bool known = std::any_of(
        home_credentials().begin(), home_credentials().end(), [&](const CredentialPath& entry) {
          return entry.path == relocated.prefix ||
                 entry.path.starts_with(std::string(relocated.prefix) + "/");
        });
    EXPECT_TRUE(known) << relocated.variable;
  }
}

TEST(CredentialVariables, are_listed_once) {
  std::set<std::string_view> seen;
  for (const auto& variable : credential_variables())
    EXPECT_TRUE(seen.insert(variable.name).second) << variable.name;
  for (const auto& relocated : relocated_directories())
    EXPECT_TRUE(seen.insert(relocated.variable).second) << relocated.variable;
}

TEST(CredentialPaths, leave_what_tools_need) {
  for (const char* path :
       {".ssh/known_hosts", ".ssh/config", ".copilot/config.json", ".config", ".cache", ".cargo",
        ".cargo/bin/cargo", ".local/bin/tool", ".npm/_cacache", ".claude/settings.json",
        ".gemini/settings.json", ".bashrc", ".profile", ".docker/cli-plugins/docker-buildx",
        "work/repo/repo/README.md", "actions-runner/_work/repo/repo/README.md"}) {
    EXPECT_FALSE(hides(home_credentials(), path)) << path;
  }
  for (const char* path : {"/etc/passwd", "/etc/group", "/etc/ssl/certs/ca-certificates.crt",
                           "/etc/hosts", "/etc/ssh/ssh_host_ed25519_key.pub", "/etc/ssh/ssh_config",
                           "/tmp/gh-aw/prompt.txt", "/var/lib/dpkg/status", "/run/lock"}) {
    EXPECT_FALSE(hides(system_credentials(), path)) << path;
  }
}

}  // namespace
}  // namespace awf::policy
