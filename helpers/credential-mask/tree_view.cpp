#include "credential-mask/tree_view.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "common/check.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_api.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/places.hpp"
#include "credential-mask/whiteouts.hpp"

namespace awf::mask {
namespace {

// A machine with more mounts in odd places than this starts too slowly; the rest stays plain.
constexpr std::size_t kMostPieces = 200;

struct DirectoryCloser {
  void operator()(DIR* directory) const noexcept { (void)::closedir(directory); }
};

bool is_one_of(std::string_view type, const std::vector<std::string_view>& types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// The kernel's own: nobody makes a socket or a pipe in them.
bool is_of_the_kernel(const Mount& mount) {
  return is_one_of(mount.type, {"proc",      "sysfs",       "cgroup",     "cgroup2",   "devtmpfs",
                                "devpts",    "mqueue",      "debugfs",    "tracefs",   "securityfs",
                                "bpf",       "pstore",      "efivarfs",   "configfs",  "fusectl",
                                "hugetlbfs", "binfmt_misc", "rpc_pipefs", "selinuxfs", "nsfs"});
}

// File systems without sockets and pipes, or that nobody can make one in. Most of them refuse to be
// a layer.
bool is_without_doors(const Mount& mount) {
  return is_one_of(mount.type, {"vfat", "msdos", "exfat", "ntfs", "ntfs3", "iso9660", "udf",
                                "squashfs", "erofs", "cramfs"});
}

std::string device_of(int fd) {
  struct stat status {};
  check(::fstat(fd, &status), "looking at an overlay");
  return std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
}

bool is_door(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 &&
         (S_ISSOCK(status.st_mode) || S_ISFIFO(status.st_mode));
}

// Nothing when it cannot be listed.
std::optional<std::vector<std::string>> entries_of(const std::string& path) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(::opendir(path.c_str()));
  if (!directory) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace

TreeView::TreeView(std::vector<Mount> host, std::vector<std::string> hidden,
                   std::vector<std::string> replaced, std::vector<std::string> kept)
    : host_(std::move(host)),
      hidden_(std::move(hidden)),
      replaced_(std::move(replaced)),
      kept_(std::move(kept)),
      in_user_namespace_(in_user_namespace()) {}

void TreeView::build() {
  for (const auto& mount : current_mounts())
    points_.push_back(mount.mount_point);
  view("/");
  if (staging_) detach(staging_.get());
  staging_.reset();
}

bool TreeView::is_absent(const std::string& path) const {
  return is_replaced(path) || std::any_of(absent_.begin(), absent_.end(), [&](const auto& absent) {
           return is_at_or_below(path, absent);
         });
}

void TreeView::view(const std::string& directory) {
  const auto inner = mounts_in(directory);
  if (pieces_.size() < kMostPieces && lay_overlay(directory, inner)) {
    for (const auto& point : inner) {
      // A mount of the host's may be a single socket or pipe.
      if (is_door(point)) doors_.push_back(point);
      if (!is_of_the_kernel(*mount_at(point)) && is_real_directory(point)) view(point);
    }
    return;
  }
  if (!inner.empty() || is_locked(directory)) return view_entries(directory);
  const auto* mount = mount_at(directory);
  if (mount == nullptr || !is_without_doors(*mount)) plain_.push_back(directory);
}

// The directory itself stays as it is; what lies in it is looked at one by one.
void TreeView::view_entries(const std::string& directory) {
  const auto entries = entries_of(directory);
  // What is in it can still be reached by who knows its name.
  if (!entries) return plain_.push_back(directory);
  for (const auto& name : *entries) {
    const std::string path = join(directory, name);
    struct stat status {};
    if (is_replaced(path) || ::lstat(path.c_str(), &status) != 0) continue;
    const auto* mount = mount_at(path);
    if (is_door(path)) doors_.push_back(path);
    if (S_ISDIR(status.st_mode) && (mount == nullptr || !is_of_the_kernel(*mount))) view(path);
  }
}

// False when the kernel does not permit it: locked mounts below, a file system that cannot be a
// layer, overlays of overlays.
bool TreeView::lay_overlay(const std::string& directory, const std::vector<std::string>& inner) {
  if (is_locked(directory)) return false;
  const UniqueFd overlay = make_overlay(directory, inner);
  if (!overlay) return false;
  restrict_tree(overlay.get(), Access::kReadOnly);
  std::vector<UniqueFd> trees;
  trees.reserve(inner.size());
  for (const auto& point : inner)
    trees.push_back(clone_tree(point));
  if (directory == "/") {
    // What lies on top of the old root would be let go in its place.
    detach(staging_.get());
    staging_.reset();
    enter_root(overlay.get());
  } else {
    attach(overlay.get(), directory);
  }
  for (std::size_t i = 0; i < inner.size(); ++i)
    attach(trees[i].get(), inner[i]);
  pieces_.push_back({device_of(overlay.get()), places_of(host_, directory)});
  return true;
}

UniqueFd TreeView::make_overlay(const std::string& directory,
                                const std::vector<std::string>& inner) {
  if (!staging_) {
    staging_ = make_filesystem("tmpfs", {{"size", "4m"}, {"mode", "0700"}});
    attach(staging_.get(), "/");  // out of every path's way, as in home_view.cpp
  }
  const UniqueFd lower(
      check(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "opening " + directory));
  WhiteoutLayer whiteouts(staging_.get(), std::to_string(layers_made_++), directory);
  std::vector<std::string> absent;
  for (const auto& path : hidden_) {
    const bool elsewhere = std::any_of(inner.begin(), inner.end(), [&](const auto& point) {
      return is_at_or_below(path, point) || is_at_or_below(point, path);
    });
    const bool here = path != directory && is_at_or_below(path, directory);
    if (!here || elsewhere || is_replaced(path) || is_kept(path)) continue;
    whiteouts.hide(path);
    absent.push_back(path);
  }
  UniqueFd overlay;
  try {
    overlay = make_filesystem(
        "overlay", {{"source", "host"},
                    {"redirect_dir", "nofollow"},
                    {"lowerdir", through_fd(whiteouts.fd()) + ":" + through_fd(lower.get())}});
  } catch (const SystemFailure&) {
    return {};  // the caller looks for another way, or says so
  }
  absent_.insert(absent_.end(), absent.begin(), absent.end());
  return overlay;
}

// Of the mounts below it all count, those too that are covered or about to be.
bool TreeView::is_locked(const std::string& directory) const {
  return in_user_namespace_ && std::any_of(points_.begin(), points_.end(), [&](const auto& point) {
           return point != directory && is_at_or_below(point, directory);
         });
}

// The outermost mounts strictly below `directory` that are to be seen.
std::vector<std::string> TreeView::mounts_in(const std::string& directory) const {
  std::vector<std::string> points;
  for (const auto& mount : host_) {
    const auto& point = mount.mount_point;
    if (point == directory || !is_at_or_below(point, directory)) continue;
    if (!is_replaced(point)) points.push_back(point);
  }
  std::sort(points.begin(), points.end());
  std::vector<std::string> outermost;
  for (auto& point : points) {
    const bool inside = std::any_of(outermost.begin(), outermost.end(), [&](const auto& outer) {
      return is_at_or_below(point, outer);
    });
    if (!inside) outermost.push_back(std::move(point));
  }
  return outermost;
}

// The last of several mounts at one place is the one that is seen.
const Mount* TreeView::mount_at(const std::string& path) const {
  const auto found = std::find_if(host_.rbegin(), host_.rend(),
                                  [&](const Mount& mount) { return mount.mount_point == path; });
  return found == host_.rend() ? nullptr : &*found;
}

bool TreeView::is_replaced(const std::string& path) const {
  return std::any_of(replaced_.begin(), replaced_.end(),
                     [&](const auto& place) { return is_at_or_below(path, place); });
}

bool TreeView::is_kept(const std::string& path) const {
  return std::any_of(kept_.begin(), kept_.end(),
                     [&](const auto& place) { return is_at_or_below(place, path); });
}

}  // namespace awf::mask
