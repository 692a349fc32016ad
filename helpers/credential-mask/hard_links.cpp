#include "credential-mask/hard_links.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "common/text.hpp"
#include "credential-mask/mount_table.hpp"

namespace awf::mask {
namespace {

// A home with a package cache has some hundred thousand files; a directory entry costs a
// microsecond, and lstat(2) is only asked for what can be a name of the file.
constexpr std::size_t kMostEntries = 400'000;

constexpr int kMostInDirectory = 512;
constexpr int kMostDepth = 2;

using FileId = std::pair<dev_t, ino_t>;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

struct Wanted {
  std::string path;  // one of the hidden names
  nlink_t missing;   // names that were not met yet
};

// Calls `visit` until it returns false; not at all for a directory that cannot be read.
template <typename Visit>
void for_each_entry(const std::string& path, Visit visit) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(path.c_str()));
  if (!directory) return;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name == "." || name == "..") continue;
    if (!visit(join(path, name), entry->d_type, entry->d_ino)) return;
  }
}

class LinkSearch {
 public:
  explicit LinkSearch(const HiddenPaths& hidden) {
    for (const auto* paths : {&hidden.in_homes, &hidden.elsewhere}) {
      for (const auto& path : *paths) {
        if (!path.is_there) continue;
        path.is_directory ? want_all_in(path.path, kMostDepth) : want(path.path);
      }
    }
    for (auto it = wanted_.begin(); it != wanted_.end();)
      it = it->second.missing == 0 ? wanted_.erase(it) : std::next(it);
    for (const auto& [id, file] : wanted_)
      inodes_.insert(id.second);
  }

  [[nodiscard]] bool is_done() const { return wanted_.empty() || left_ == 0; }

  void walk(const std::string& top) {
    std::vector<std::string> inner;
    for_each_entry(top, [&](const std::string& path, unsigned char type, ino_t inode) {
      if (is_done()) return false;
      --left_;
      if (type == DT_DIR) inner.push_back(path);
      if (type != DT_DIR && inodes_.count(inode) != 0) compare(path);
      return true;
    });
    for (const auto& path : inner)
      walk(path);
  }

  [[nodiscard]] const std::vector<std::string>& found() const { return found_; }

  [[nodiscard]] std::vector<std::string> missed() const {
    std::vector<std::string> paths;
    for (const auto& [id, file] : wanted_)
      paths.push_back(file.path);
    return paths;
  }

 private:
  // Of a directory that is hidden whole: what tools keep near its top.
  void want_all_in(const std::string& directory, int depth) {
    int entries = kMostInDirectory;
    for_each_entry(directory, [&](const std::string& path, unsigned char type, ino_t) {
      if (type == DT_REG) want(path);
      if (type == DT_DIR && depth > 0) want_all_in(path, depth - 1);
      return --entries > 0;
    });
  }

  void want(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if (status.st_nlink < 2 || !known_.insert(path).second) return;
    const auto added =
        wanted_.try_emplace(FileId{status.st_dev, status.st_ino}, Wanted{path, status.st_nlink});
    --added.first->second.missing;
  }

  void compare(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return;
    const auto wanted = wanted_.find({status.st_dev, status.st_ino});
    if (wanted == wanted_.end() || !known_.insert(path).second) return;
    found_.push_back(path);
    if (--wanted->second.missing == 0) wanted_.erase(wanted);
  }

  std::map<FileId, Wanted> wanted_;
  std::set<ino_t> inodes_;
  std::set<std::string> known_;
  std::vector<std::string> found_;
  std::size_t left_ = kMostEntries;
};

}  // namespace

std::vector<std::string> hide_hard_links(HiddenPaths& hidden, const std::vector<std::string>& tops,
                                         const std::vector<std::string>& homes_with_views) {
  LinkSearch search(hidden);
  for (const auto& top : tops) {
    if (search.is_done()) break;
    search.walk(top);
  }
  for (const auto& path : search.found()) {
    const bool in_home = std::any_of(homes_with_views.begin(), homes_with_views.end(),
                                     [&](const auto& home) { return is_at_or_below(path, home); });
    (in_home ? hidden.in_homes : hidden.elsewhere).push_back({path, true, false, false});
  }
  return search.missed();
}

}  // namespace awf::mask
