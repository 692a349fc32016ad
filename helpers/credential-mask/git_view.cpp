// A mount point can be neither renamed nor removed in its namespace, whatever path leads to it
// (rename(2), EBUSY), so covering a file pins it to its directory; pinning the directories up to
// the workspace keeps anybody from putting another one in their place. What does not exist cannot
// be covered without making it on the host: what appears is told after the run (helpers/workspace).
#include "credential-mask/git_view.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"
#include "credential-mask/git_config.hpp"
#include "credential-mask/git_directories.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/places.hpp"

namespace awf::mask {
namespace {

constexpr const char* kProgram = "awf-mask-credentials";
constexpr const char* kCleanDirectory = "/run/awf/git";
constexpr std::array kConfigNames = {"config", "config.worktree"};

struct Config {
  std::string path;
  struct stat status {};
  std::string text;
};

// A file that is no regular one, or that others can change behind a link, is not read: git itself
// never makes such a configuration.
std::optional<Config> read_config(const std::string& path) {
  const UniqueFd fd(
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  const std::string what = "the git configuration " + quoted(path);
  if (!fd && errno == ELOOP) {
    throw Refusal(what + " is a symbolic link, which may lead to credentials; make it a file");
  }
  // Who may not read it (another user's, without root) cannot show it either.
  if (!fd && errno == EACCES) return std::nullopt;
  Config config{path, {}, {}};
  check(fd.get(), "opening " + what);
  check(::fstat(fd.get(), &config.status), "looking at " + what);
  if (!S_ISREG(config.status.st_mode)) throw Refusal(what + " is not a file; repair it");
  config.text = read_rest(fd.get(), kMostGitConfigBytes, what);
  return config;
}

bool is_regular_file(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool is_read_only(const std::string& path) {
  struct statvfs status {};
  check(::statvfs(path.c_str(), &status), "looking at the mount of " + path);
  return (status.f_flag & ST_RDONLY) != 0;
}

// The sights of `path` that are not covered by a later mount.
std::vector<std::string> sights_of(const std::vector<Mount>& mounts, const std::string& path) {
  std::vector<std::string> sights;
  const auto place = locate(mounts, path);
  if (!place) return sights;
  for (const auto& alias : aliases_of(mounts, *place)) {
    struct statx status {};
    const int found = ::statx(AT_FDCWD, alias.path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                              STATX_MNT_ID, &status);
    if (found == 0 && status.stx_mnt_id == alias.mount_id) sights.push_back(alias.path);
  }
  return sights;
}

void lay_over(const std::string& source, const std::string& target, Access access) {
  const UniqueFd tree = clone_tree(source);
  if (access == Access::kReadOnly) restrict_tree(tree.get(), access);
  attach(tree.get(), target);
}

class GitView {
 public:
  GitView(const Options& options, const GitDirectories& found) : options_(options), found_(found) {}

  // The flag means that the files themselves are there to be changed; then nothing can stand
  // between them and the command.
  void verify_harmless() const {
    for (const auto& config : configurations()) {
      const auto entries = parse_git_config(config.text);
      const bool harmless =
          entries.ok() && without_credentials(*entries, options_.runner_temp).removed == 0;
      if (harmless) continue;
      throw Refusal("--allow-git-config would show the credentials in " + quoted(config.path) +
                    " to the command; remove them (actions/checkout: persist-credentials: false) "
                    "or leave the option out");
    }
  }

  void build() {
    const auto configs = configurations();
    pin();
    mounts_ = current_mounts();
    for (const auto& config : configs)
      show_clean(config);
    for (const auto& directory : found_.directories) {
      const auto hooks = join(directory, "hooks");
      if (is_real_directory(hooks)) make_unchangeable(hooks);
      // Another "commondir" would mean another configuration.
      const auto common = join(directory, "commondir");
      if (is_regular_file(common)) make_unchangeable(common);
    }
    for (const auto& link : found_.links)
      make_unchangeable(link);
    verify_sights();
  }

 private:
  [[nodiscard]] std::vector<Config> configurations() const {
    std::vector<Config> configs;
    for (const auto& directory : found_.directories) {
      for (const auto* name : kConfigNames) {
        if (auto config = read_config(join(directory, name))) configs.push_back(std::move(*config));
      }
    }
    return configs;
  }

  // Outer directories first: what is laid over one takes along what lies below, not what comes
  // later. Paths sort that way.
  void pin() const {
    std::vector<std::string> all = found_.between;
    all.insert(all.end(), found_.directories.begin(), found_.directories.end());
    std::sort(all.begin(), all.end());
    for (const auto& directory : all) {
      if (!is_read_only(directory)) lay_over(directory, directory, Access::kReadWrite);
    }
  }

  void show_clean(const Config& config) {
    std::string clean;
    const auto entries = parse_git_config(config.text);
    if (entries) {
      clean = without_credentials(*entries, options_.runner_temp).text;
    } else {
      report(kProgram, "warning: the git configuration " + quoted(config.path) +
                           " is shown empty: " + entries.error());
    }
    const std::string copy = std::string(kCleanDirectory) + "/" + std::to_string(copies_++);
    make_file(copy, clean, {::geteuid(), ::getegid()});
    // Who could not read the file cannot read its copy. In a user namespace other owners are not to
    // be had; what the caller could not read was not read either.
    const int given = ::lchown(copy.c_str(), config.status.st_uid, config.status.st_gid);
    if (given != 0 && !in_user_namespace()) throw_system_failure("giving " + copy, errno);
    check(::chmod(copy.c_str(), config.status.st_mode & 0444U), "setting the mode of " + copy);
    for (const auto& sight : sights_of(mounts_, config.path)) {
      lay_over(copy, sight, Access::kReadOnly);
      covered_.emplace_back(sight, clean);
    }
  }

  void make_unchangeable(const std::string& path) {
    for (const auto& sight : sights_of(mounts_, path)) {
      if (!is_read_only(sight)) lay_over(sight, sight, Access::kReadOnly);
      unchangeable_.push_back(sight);
    }
  }

  void verify_sights() const {
    for (const auto& [sight, clean] : covered_) {
      awf::verify(read_file(sight, kMostGitConfigBytes * 4) == clean,
                  quoted(sight) + " shows its clean copy");
      awf::verify(is_read_only(sight), quoted(sight) + " is read-only");
    }
    for (const auto& sight : unchangeable_)
      awf::verify(is_read_only(sight), quoted(sight) + " is read-only");
  }

  const Options& options_;
  const GitDirectories& found_;
  std::vector<Mount> mounts_;
  std::size_t copies_ = 0;
  std::vector<std::pair<std::string, std::string>> covered_;  // sight, what it shows
  std::vector<std::string> unchangeable_;
};

}  // namespace

void show_git_directories(const Options& options, const std::vector<Show>& shown) {
  GitDirectories found;
  for (const auto& show : shown) {
    if (is_at_or_below(show.target, "/run/awf") || !is_directory(show.target)) continue;
    find_git_directories(show.target, found);
  }
  if (found.directories.empty()) return;
  GitView view(options, found);
  options.allow_git_config ? view.verify_harmless() : view.build();
}

}  // namespace awf::mask
