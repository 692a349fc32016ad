#include "credential-mask/hidden_paths.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "common/file.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "credential-mask/listening_sockets.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/private_key.hpp"
#include "policy/credential_paths.hpp"

namespace awf::mask {
namespace {

using policy::CredentialPath;

// Deeper than any real ~/.ssh; what lies deeper is hidden whole.
constexpr int kMaxKeyDepth = 4;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

std::optional<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return std::nullopt;
  return std::string(real.get());
}

// The names in a directory, or nothing when it cannot be read.
std::optional<std::vector<std::string>> names_in(const std::string& path,
                                                 std::size_t most = SIZE_MAX) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(path.c_str()));
  if (!directory) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
    if (names.size() >= most) break;
  }
  return names;
}

// A regular file that cannot be read counts as a key: what it holds is not known.
bool is_private_key(const std::string& path) {
  // O_NONBLOCK: the file may have become a pipe since it was looked at.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return true;
  std::array<char, kKeyHeadBytes> head{};
  const ssize_t got = ::read(fd.get(), head.data(), head.size());
  return got < 0 || looks_like_private_key({head.data(), static_cast<std::size_t>(got)});
}

class Finder {
 public:
  Finder(std::vector<std::string> homes, std::vector<std::string> needed)
      : homes_(std::move(homes)), needed_(std::move(needed)) {}

  // Hides `path` and, when links lead from it, what they lead to. `may_be_directory` says what an
  // absent path would become.
  void hide(const std::string& path, bool may_be_directory) {
    const auto slash = path.rfind('/');
    const Directory directory = resolve(path.substr(0, slash));
    switch (directory.state) {
      case Directory::State::kThere:
        return hide_entry(join(directory.path, path.substr(slash + 1)), may_be_directory);
      case Directory::State::kMissing:
        // The first missing directory stands for the path: with it absent, nothing is below it.
        return add(directory.path, false, true);
      case Directory::State::kDanglingLink:
        return add(directory.path, true, false);  // hidden before it leads on
      case Directory::State::kFile:
        return;  // nothing can be below it
    }
  }

  void hide_matching(const std::string& pattern) {
    const auto slash = pattern.rfind('/');
    const std::string directory = slash == 0 ? "/" : pattern.substr(0, slash);
    for (const auto& name : names_in(directory).value_or(std::vector<std::string>())) {
      if (matches_glob(std::string_view(pattern).substr(slash + 1), name)) {
        hide(join(directory, name), false);
      }
    }
  }

  // Every private key below a directory, whatever its name; what is neither file nor directory (the
  // sockets of ssh's shared connections) too.
  void hide_keys_in(const std::string& directory, int depth) {
    const auto names = names_in(directory);
    if (!names && look_at(directory)) return hide(directory, true);
    for (const auto& name : names.value_or(std::vector<std::string>())) {
      const std::string path = join(directory, name);
      struct stat status {};
      if (::stat(path.c_str(), &status) != 0) continue;
      if (S_ISDIR(status.st_mode)) {
        depth < kMaxKeyDepth ? hide_keys_in(path, depth + 1) : hide(path, true);
      } else if (!S_ISREG(status.st_mode) || is_private_key(path)) {
        hide(path, false);
      }
    }
  }

  // From now on, what is hidden is so because somebody asked for it.
  void begin_what_is_asked_for() { asked_for_ = true; }

  HiddenPaths result() && {
    HiddenPaths paths;
    for (auto& [path, hidden] : found_) {
      (is_in_home(path) ? paths.in_homes : paths.elsewhere).push_back(std::move(hidden));
    }
    return paths;
  }

 private:
  // What was found on the way to a directory: itself, with all links resolved, or the first
  // component that is something else.
  struct Directory {
    enum class State : std::uint8_t { kThere, kMissing, kDanglingLink, kFile };
    State state = State::kThere;
    std::string path = "/";
  };

  // Remembers its answers: most of the catalogue lies in few directories.
  Directory resolve(const std::string& path) {
    if (path.empty()) return {};
    const auto known = directories_.find(path);
    if (known != directories_.end()) return known->second;
    const auto slash = path.rfind('/');
    const Directory parent = resolve(path.substr(0, slash));
    Directory found = parent.state == Directory::State::kThere
                          ? judge(join(parent.path, path.substr(slash + 1)))
                          : parent;
    directories_.emplace(path, found);
    return found;
  }

  Directory judge(const std::string& path) {
    const auto status = look_at(path);
    if (!status) return {Directory::State::kMissing, path};
    if (S_ISDIR(status->st_mode)) return {Directory::State::kThere, path};
    if (!S_ISLNK(status->st_mode)) return {Directory::State::kFile, path};
    const auto target = real_path(path);
    if (!target) return {Directory::State::kDanglingLink, path};
    const auto behind = look_at(*target);
    const bool is_directory = behind && S_ISDIR(behind->st_mode);
    return {is_directory ? Directory::State::kThere : Directory::State::kFile, *target};
  }

  // Most of the catalogue is absent and lies in few directories, so that reading these once is
  // cheaper than to ask for each name. Nothing when there is no such file.
  std::optional<struct stat> look_at(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == 0 ? "/" : path.substr(0, slash);
    auto known = names_.find(directory);
    if (known == names_.end()) known = names_.emplace(directory, read_names(directory)).first;
    const auto& names = known->second;
    if (names && !std::binary_search(names->begin(), names->end(), path.substr(slash + 1))) {
      return std::nullopt;
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
    return status;
  }

  // Sorted; nothing where they cannot be read, or are too many to be worth it.
  static std::optional<std::vector<std::string>> read_names(const std::string& directory) {
    constexpr std::size_t kMost = 2000;
    auto names = names_in(directory, kMost);
    if (!names || names->size() >= kMost) return std::nullopt;
    std::sort(names->begin(), names->end());
    return names;
  }

  [[nodiscard]] bool is_in_home(const std::string& path) const {
    return std::any_of(homes_.begin(), homes_.end(),
                       [&](const auto& home) { return is_at_or_below(path, home); });
  }

  // What is absent is remembered too: where a layer lies above it, it will stay absent.
  void add(const std::string& path, bool is_there, bool is_directory) {
    const bool is_needed = std::any_of(needed_.begin(), needed_.end(), [&](const auto& place) {
      return is_at_or_below(place, path);
    });
    if (!is_needed)
      found_.insert_or_assign(path, HiddenPath{path, is_there, is_directory, asked_for_});
  }

  void hide_entry(const std::string& path, bool may_be_directory) {
    const auto status = look_at(path);
    if (!status) return add(path, false, may_be_directory);
    if (is_device(*status)) return;
    if (!S_ISLNK(status->st_mode)) return add(path, true, S_ISDIR(status->st_mode));
    if (const auto target = real_path(path)) hide_target(*target);
    // Outside the homes the link may stay: what it leads to is covered.
    if (is_in_home(path)) add(path, true, false);
  }

  void hide_target(const std::string& target) {
    const auto status = look_at(target);
    if (!status || is_device(*status)) return;
    add(target, true, S_ISDIR(status->st_mode));
  }

  // Histories and configurations are often linked to /dev/null.
  static bool is_device(const struct stat& status) {
    return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
  }

  std::vector<std::string> homes_;
  std::vector<std::string> needed_;
  bool asked_for_ = false;
  std::map<std::string, std::optional<std::vector<std::string>>> names_;
  std::map<std::string, Directory> directories_;
  std::map<std::string, HiddenPath> found_;
};

void hide_catalogued(Finder& finder, const CredentialPath& entry, const std::string& path) {
  if (entry.kind == CredentialPath::Kind::kGlob) {
    finder.hide_matching(path);
  } else {
    finder.hide(path, entry.kind == CredentialPath::Kind::kDirectory);
  }
}

// A socket can be connected to through a read-only mount, and what listens there is outside. Those
// in /run need no search: nothing of it is shown but what --mount asks for.
void hide_sockets(Finder& finder) {
  constexpr std::size_t kMostBytes = 16UL * 1024 * 1024;
  // This process may have left the host's network namespace already; its parent has not.
  for (const auto& process : {std::string("self"), std::to_string(::getppid())}) {
    const auto table = read_file_if_there("/proc/" + process + "/net/unix", kMostBytes);
    for (const auto& path : parse_socket_paths(table.value_or(""))) {
      struct stat status {};
      const bool is_socket = ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
      const bool in_run = is_at_or_below(path, "/run") || is_at_or_below(path, "/var/run");
      if (!in_run && is_socket) finder.hide(path, false);
    }
  }
}

}  // namespace

HiddenPaths find_hidden_paths(const Search& search,
                              const std::vector<std::string>& homes_with_views) {
  auto needed = search.needed;
  needed.insert(needed.end(), search.homes.begin(), search.homes.end());
  Finder finder(homes_with_views, std::move(needed));
  for (const auto& home : search.homes) {
    for (const auto& entry : policy::home_credentials())
      hide_catalogued(finder, entry, join(home, entry.path));
    finder.hide_keys_in(join(home, ".ssh"), 0);
  }
  for (const auto& relocation : search.relocations) {
    const bool is_usual = std::any_of(
        search.homes.begin(), search.homes.end(),
        [&](const auto& home) { return relocation.directory == join(home, relocation.prefix); });
    if (is_usual) continue;
    for (const auto& entry : policy::home_credentials()) {
      if (!is_at_or_below(entry.path, relocation.prefix)) continue;
      hide_catalogued(finder, entry, moved(entry.path, relocation.prefix, relocation.directory));
    }
  }
  for (const auto& entry : policy::system_credentials())
    hide_catalogued(finder, entry, std::string(entry.path));
  for (const auto& path : search.known)
    finder.hide(path, false);
  hide_sockets(finder);
  finder.begin_what_is_asked_for();
  for (const auto& path : search.more)
    finder.hide(path, false);
  return std::move(finder).result();
}

}  // namespace awf::mask
