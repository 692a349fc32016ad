#include "awf/file_view.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "awf/options.hpp"
#include "common/check.hpp"
#include "common/text.hpp"
#include "policy/credential_paths.hpp"
#include "policy/upload_limit.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

bool is_in_one_of(const std::string& path, std::initializer_list<std::string_view> places) {
  return std::any_of(places.begin(), places.end(),
                     [&](std::string_view place) { return is_at_or_below(path, place); });
}

// Could the command's user look into it at all? /root is closed on most machines, and a view of it
// would cost every run time.
bool can_be_entered(const std::string& directory, const Identity& identity) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return false;
  if (status.st_uid == identity.uid) return true;
  const bool in_group = status.st_gid == identity.gid ||
                        std::find(identity.groups.begin(), identity.groups.end(), status.st_gid) !=
                            identity.groups.end();
  // Without privileges the caller's groups stay; which they are does not matter then.
  const bool group_counts = in_group || identity.mode == Mode::kRootless;
  return (status.st_mode & S_IXOTH) != 0 || (group_counts && (status.st_mode & S_IXGRP) != 0);
}

// The text of a variable as paths; what is no absolute path is meant from the current directory.
std::vector<std::string> paths_in(const std::string& value, bool is_list) {
  std::vector<std::string> paths;
  for (auto piece : is_list ? split(value, ':') : std::vector<std::string_view>{value}) {
    for (const std::string_view kind : {"FILE:", "DIR:"}) {  // krb5.conf(5), credential caches
      if (piece.substr(0, kind.size()) == kind) piece.remove_prefix(kind.size());
    }
    if (piece.empty() || piece.size() > 4096) continue;
    std::string path = fs::absolute(piece).lexically_normal().string();
    while (path.size() > 1 && path.back() == '/')
      path.pop_back();
    if (path != "/" && !is_in_one_of(path, {"/dev", "/proc", "/sys"})) {
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

void find_relocated(FileView& view, const GetVariable& variable) {
  for (const auto& directory : policy::relocated_directories()) {
    const auto value = variable(std::string(directory.variable));
    if (!value) continue;
    for (const auto& path : paths_in(*value, false))
      view.relocations.push_back(std::string(directory.prefix) + "=" + path);
  }
  for (const auto& named : policy::credential_variables()) {
    const auto value = variable(std::string(named.name));
    if (!value) continue;
    for (auto& path : paths_in(*value, named.is_list))
      view.known_hidden.push_back(std::move(path));
  }
}

std::string absolute_path(const std::string& option, const std::string& path) {
  if (path.empty() || path.front() != '/') {
    throw Refusal("--" + option + " " + quoted(path) + " is not an absolute path; write it whole");
  }
  return fs::path(path).lexically_normal().string();
}

std::string real_path(const std::string& option, const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) throw Refusal("--" + option + " " + quoted(path) + ": " + error.message());
  if (real.string().find(':') != std::string::npos) {
    throw Refusal("--" + option + " " + quoted(path) + " has a colon in it; use another name");
  }
  return real.string();
}

std::string mount_in_place(const std::string& path, const char* access) {
  std::string mount = path;
  return mount.append(":").append(path).append(":").append(access);
}

void judge_shown(FileView& view, const Options& options) {
  for (const auto& given : options.shown_paths) {
    const auto real = real_path("show", absolute_path("show", given));
    view.mounts.push_back(mount_in_place(real, "ro"));
    view.warnings.push_back("--show " + quoted(given) +
                            ": the command can read it, and send it wherever it may send anything");
  }
}

void judge_kept(FileView& view, const Options& options, const Identity& identity) {
  for (const auto& given : options.kept_paths) {
    if (identity.home.empty()) throw Refusal("--keep-home: the command has no home");
    const auto home = real_path("keep-home", identity.home);
    const bool is_whole = given.empty() || given.front() == '/';
    const auto path = is_whole ? given : (fs::path(home) / given).string();
    const auto real = real_path("keep-home", absolute_path("keep-home", path));
    if (real == home || !is_at_or_below(real, home)) {
      throw Refusal("--keep-home " + quoted(given) + " does not lie in the home " + quoted(home) +
                    "; name a directory in it, or use --mount");
    }
    view.mounts.push_back(mount_in_place(real, "rw"));
  }
}

void judge_home(FileView& view, const Options& options, const Identity& identity) {
  if (options.home_size) {
    const auto size = policy::parse_byte_count(*options.home_size);
    if (!size) throw Refusal("--home-size " + quoted(*options.home_size) + " " + size.error());
    // tmpfs(5) would take 0 for "no limit".
    if (*size == 0) throw Refusal("--home-size 0 leaves no room; give a size, such as 512M");
    view.home_size = *size;
  }
  if (!options.home_mode) return;
  if (*options.home_mode != "rw") {
    throw Refusal("--home " + quoted(*options.home_mode) +
                  ": the only value is rw; without --home changes in the home are forgotten");
  }
  if (options.home_size) throw Refusal("--home rw and --home-size exclude each other");
  for (const auto& directory : {options.audit_directory, options.proxy_logs_directory}) {
    if (!directory ||
        !is_at_or_below(fs::absolute(*directory).lexically_normal().string(), identity.home)) {
      continue;
    }
    throw Refusal("--home rw: the command could change the log directory " + quoted(*directory) +
                  "; keep logs outside the home");
  }
  view.home_writable = true;
  view.warnings.emplace_back(
      "--home rw: what the command changes in the home lasts; credentials that come into it "
      "during the run are in sight");
}

}  // namespace

std::vector<std::string> other_homes(const Identity& identity, const GetVariable& variable) {
  std::vector<std::string> candidates = {identity.account_home};
  if (const auto home = variable("HOME")) candidates.push_back(*home);
  if (const auto user = variable("SUDO_USER")) {
    // getpwnam(3) is called before any thread exists.
    if (const passwd* account = ::getpwnam(user->c_str())) candidates.emplace_back(account->pw_dir);
  }
  std::vector<std::string> homes;
  for (const auto& candidate : candidates) {
    std::error_code missing;
    if (candidate.empty() || candidate.front() != '/') continue;
    const auto real = fs::canonical(candidate, missing).string();
    const bool is_known = real == fs::weakly_canonical(identity.home, missing) ||
                          std::find(homes.begin(), homes.end(), real) != homes.end();
    if (real.empty() || real == "/" || is_known || !can_be_entered(real, identity)) continue;
    if (is_in_one_of(real, {"/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/run", "/sbin",
                            "/sys", "/usr", "/tmp", "/var/tmp", "/var/run"})) {
      continue;
    }
    homes.push_back(real);
  }
  return homes;
}

FileView judge_file_view(const Options& options, const Identity& identity,
                         const GetVariable& variable) {
  FileView view;
  view.other_homes = other_homes(identity, variable);
  find_relocated(view, variable);
  for (const auto& path : options.hidden_paths)
    view.asked_hidden.push_back(absolute_path("hide", path));
  judge_shown(view, options);
  judge_kept(view, options, identity);
  judge_home(view, options, identity);
  return view;
}

}  // namespace awf::supervisor
