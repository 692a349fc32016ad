// Files that somebody runs outside the sandbox without having looked at them: the table, its
// reasons in README.md.
#pragma once

#include <array>
#include <string_view>

namespace awf::workspace {

struct WatchedPath {
  std::string_view path;  // below the workspace
  bool is_tree;           // all that is below it
  std::string_view run_by;
};

inline constexpr std::array<WatchedPath, 38> kWatchedPaths{{
    {".gitmodules", false, "git"},
    {".githooks", true, "git"},
    {".husky", true, "git"},
    {".pre-commit-config.yaml", false, "git"},
    {"lefthook.yml", false, "git"},
    {".github", true, "GitHub Actions"},
    {"action.yml", false, "GitHub Actions"},
    {"action.yaml", false, "GitHub Actions"},
    {"package.json", false, "npm"},
    {".npmrc", false, "npm"},
    {".yarnrc.yml", false, "yarn"},
    {".yarn/plugins", true, "yarn"},
    {".yarn/releases", true, "yarn"},
    {".pnp.cjs", false, "yarn"},
    {".pnpmfile.cjs", false, "pnpm"},
    {"Makefile", false, "make"},
    {"makefile", false, "make"},
    {"GNUmakefile", false, "make"},
    {"Justfile", false, "just"},
    {"justfile", false, "just"},
    {"Taskfile.yml", false, "task"},
    {"Rakefile", false, "rake"},
    {"gradlew", false, "gradle"},
    {"gradle/wrapper", true, "gradle"},
    {"mvnw", false, "maven"},
    {".mvn", true, "maven"},
    {".cargo", true, "cargo"},
    {"build.rs", false, "cargo"},
    {".envrc", false, "direnv"},
    {".mise.toml", false, "mise"},
    {".tool-versions", false, "mise"},
    {".vscode", true, "editor"},
    {".idea", true, "editor"},
    {".devcontainer", true, "editor"},
    {".devcontainer.json", false, "editor"},
    {".claude", true, "agent"},
    {".mcp.json", false, "agent"},
    {".cursor", true, "agent"},
}};

// Below a git directory. git runs what the first name; the second is where hooks lie.
inline constexpr std::array<std::string_view, 4> kGitFiles{"config", "config.worktree", "commondir",
                                                           "info/attributes"};
inline constexpr std::string_view kGitHooks = "hooks";

}  // namespace awf::workspace
