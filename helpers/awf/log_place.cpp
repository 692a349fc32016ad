#include "awf/log_place.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <filesystem>

#include "common/check.hpp"
#include "common/text.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

constexpr const char* kSharedDirectory = "/tmp/gh-aw";
constexpr std::array kLogNames = {kAuditName, kAccessLogName, kManifestName, kWorkspaceReportName};

bool is_strictly_below(const std::string& path, const std::string& directory) {
  return path != directory && is_at_or_below(path, directory);
}

// What of a path is refused beside links in writable areas.
struct WayRules {
  bool only_links_of_root = false;
  bool only_directories = false;
};

// path_resolution(7), with one question more at each link: who made it?
class Resolver {
 public:
  Resolver(const std::string& option, const std::string& path, WayRules rules,
           const std::vector<WritableArea>& areas)
      : named_(option + " " + quoted(path)), rules_(rules), areas_(areas) {
    push_front(path);
  }

  std::string resolve() {
    while (!left_.empty()) {
      const std::string name = left_.front();
      left_.pop_front();
      if (name == "..") {
        reached_.resize(reached_.rfind('/') == std::string::npos ? 0 : reached_.rfind('/'));
      } else {
        step_to(reached_ + "/" + name);
      }
    }
    return reached_.empty() ? "/" : reached_;
  }

 private:
  void push_front(const std::string& path) {
    const auto parts = split(path, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (!part->empty() && *part != ".") left_.emplace_front(*part);
    }
  }

  void step_to(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
      if (errno != ENOENT) throw_system_failure("looking at " + path + " (" + named_ + ")", errno);
      reached_ = path;  // to be made, as all that follows
      return;
    }
    if (S_ISLNK(status.st_mode)) return follow(path, status.st_uid);
    if (rules_.only_directories && !S_ISDIR(status.st_mode)) {
      throw Refusal(named_ + ": " + quoted(path) + " is no directory; name another one");
    }
    reached_ = path;
  }

  void follow(const std::string& link, uid_t owner) {
    const bool in_area = std::any_of(areas_.begin(), areas_.end(), [&](const WritableArea& area) {
      return is_at_or_below(link, area.host);
    });
    if (in_area || (rules_.only_links_of_root && owner != 0)) {
      throw Refusal(named_ + " leads through the symbolic link " + quoted(link) +
                    ", which the command's user could have made; name the " +
                    (rules_.only_directories ? "directory" : "place") + " itself");
    }
    constexpr int kMostLinks = 40;  // as the kernel
    if (++links_ > kMostLinks) throw_system_failure("resolving " + named_, ELOOP);
    std::array<char, PATH_MAX> target{};
    const auto length = check(::readlink(link.c_str(), target.data(), target.size()),
                              "reading the symbolic link " + link);
    if (target.front() == '/') reached_.clear();
    push_front(std::string(target.data(), static_cast<std::size_t>(length)));
  }

  std::string named_;
  WayRules rules_;
  const std::vector<WritableArea>& areas_;
  std::deque<std::string> left_;
  std::string reached_;  // canonical; empty is "/"
  int links_ = 0;
};

void refuse_area(const std::string& option, const std::string& directory,
                 const std::vector<WritableArea>& areas) {
  const auto is_log = [&](const std::string& path) {
    return std::any_of(kLogNames.begin(), kLogNames.end(),
                       [&](const char* name) { return path == directory + "/" + name; });
  };
  for (const auto& area : areas) {
    if (directory != area.host && !is_log(area.host)) continue;
    throw Refusal(option + " " + quoted(directory) + ": the command can change " +
                  quoted(area.host) + ", and so the logs; name a directory below it, or elsewhere");
  }
}

struct NamedMount {
  std::string host;
  std::string inside;
  bool writable;
};

NamedMount parts_of(const std::string& mount) {
  const auto parts = split(mount, ':');
  return {std::string(parts[0]), std::string(parts[1]), parts[2] == "rw"};
}

// Each directory between an area and a log directory in it.
void add_pins(std::vector<std::string>& words, const RunConfig& config, const WritableArea& area,
              const std::vector<std::string>& log_directories) {
  std::vector<std::string> pinned;
  for (const auto& directory : log_directories) {
    if (!is_strictly_below(directory, area.host)) continue;
    for (auto slash = directory.find('/', area.host.size() + 1); slash != std::string::npos;
         slash = directory.find('/', slash + 1)) {
      const std::string host = directory.substr(0, slash);
      std::string inside = area.inside;
      inside += host.substr(area.host.size());
      const bool mounted =
          std::any_of(config.mounts.begin(), config.mounts.end(),
                      [&](const auto& mount) { return parts_of(mount).inside == inside; });
      if (mounted || std::find(pinned.begin(), pinned.end(), host) != pinned.end()) continue;
      pinned.push_back(host);
      inside.insert(0, host + ":");
      words.insert(words.end(), {"--mount", inside.append(":rw")});
    }
  }
}

std::vector<std::string> log_directories_of(const RunConfig& config) {
  std::vector<std::string> directories;
  for (const auto& directory : {config.audit_directory, config.proxy_logs_directory})
    if (directory) directories.push_back(*directory);
  std::sort(directories.begin(), directories.end());
  directories.erase(std::unique(directories.begin(), directories.end()), directories.end());
  return directories;
}

// awf-mask-credentials shows it only as a directory of root's or the command's user.
bool shared_directory_is_shown(const Identity& who) {
  struct stat status {};
  if (::lstat(kSharedDirectory, &status) != 0) return true;  // it will be the command's user's
  return S_ISDIR(status.st_mode) && (status.st_uid == 0 || status.st_uid == who.uid);
}

// They are shown before any --mount.
std::vector<WritableArea> areas_without_mounts(const RunConfig& config) {
  std::vector<WritableArea> areas;
  if (config.workspace) areas.push_back({*config.workspace, *config.workspace});
  if (shared_directory_is_shown(config.identity)) {
    areas.push_back({kSharedDirectory, kSharedDirectory});
  }
  return areas;
}

}  // namespace

std::vector<WritableArea> writable_areas(const RunConfig& config) {
  auto areas = areas_without_mounts(config);
  for (const auto& mount : config.mounts) {
    auto [host, inside, writable] = parts_of(mount);
    if (writable) areas.push_back({std::move(host), std::move(inside)});
  }
  return areas;
}

void refuse_planted_links(const std::string& option, const std::string& path,
                          const std::vector<WritableArea>& areas) {
  (void)Resolver(option, path, {}, areas).resolve();
}

void judge_log_places(RunConfig& config) {
  const auto areas = writable_areas(config);
  const auto judge = [&](const char* option, std::optional<std::string>& directory) {
    if (!directory) return;
    const WayRules rules{.only_links_of_root = config.identity.mode == Mode::kPrivileged,
                         .only_directories = true};
    directory = Resolver(option, *directory, rules, areas).resolve();
    refuse_area(option, *directory, areas);
  };
  judge("--audit-dir", config.audit_directory);
  judge("--proxy-logs-dir", config.proxy_logs_directory);
}

std::vector<std::string> mounts_and_log_guard(const RunConfig& config) {
  const auto directories = log_directories_of(config);
  std::vector<std::string> words;
  const auto areas = writable_areas(config);
  for (const auto& area : areas_without_mounts(config))
    add_pins(words, config, area, directories);
  for (const auto& mount : config.mounts) {
    words.insert(words.end(), {"--mount", mount});
    const auto [host, inside, writable] = parts_of(mount);
    if (writable) add_pins(words, config, {host, inside}, directories);
  }
  for (const auto& directory : directories) {
    const bool in_area = std::any_of(areas.begin(), areas.end(), [&](const WritableArea& area) {
      return is_strictly_below(directory, area.host);
    });
    if (in_area) {
      words.insert(words.end(), {"--hide", directory});
      continue;
    }
    for (const char* name : kLogNames) {
      words.insert(words.end(), {"--hide", directory + "/" + name});
    }
  }
  return words;
}

}  // namespace awf::supervisor
