// Why whiteouts are made in the upper layer by hand (mknod of device 0/0, overlayfs.rst, "whiteouts
// and opaque directories"; permitted in a user namespace since Linux 5.8) and not by deleting in
// the mounted overlay: a directory such as ~/.config/gcloud would have to be emptied first, which
// costs time in proportion to its content, and a name that does not exist yet cannot be deleted.
#include "credential-mask/home_view.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/check.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_api.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/mount_table.hpp"

namespace awf::mask {
namespace {

std::string through_fd(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

// Makes `fd`'s directory look like the one at `path` of the lower layer.
void copy_owner_and_mode(int fd, const std::string& path) {
  struct stat status {};
  check(::stat(path.c_str(), &status), "looking at " + path);
  // An owner whom the user namespace does not know cannot be given; the caller stays the owner of
  // what only it can see.
  if (::fchown(fd, status.st_uid, status.st_gid) != 0 && !in_user_namespace()) {
    throw_system_failure("giving the owner of " + path, errno);
  }
  check(::fchmod(fd, status.st_mode & 07777U), "giving the mode of " + path);
}

// The layer that holds the whiteouts, while it is being filled.
class UpperLayer {
 public:
  UpperLayer(std::string home, int staging)
      : home_(std::move(home)), root_(open_directory(staging, "upper")) {
    copy_owner_and_mode(root_.get(), home_);
    // Without extended attributes (memory file systems before Linux 6.6, in a user namespace) a
    // whiteout cannot become a directory again: mkdir(2) would fail with EIO.
    const char* name = in_user_namespace() ? "user.overlay.probe" : "trusted.overlay.probe";
    directories_may_return_ = ::fsetxattr(root_.get(), name, "y", 1, 0) == 0;
    if (directories_may_return_) check(::fremovexattr(root_.get(), name), "removing a probe");
  }

  void hide(const HiddenPath& hidden) {
    // What exists is hidden whatever it costs; what is only expected, if it costs nothing.
    if (!hidden.is_there && hidden.is_directory && !directories_may_return_) return;
    const auto relative = hidden.path.substr(home_.size() + 1);
    const auto slash = relative.rfind('/');
    const UniqueFd parent = slash == std::string::npos
                                ? UniqueFd(check(::dup(root_.get()), "copying a descriptor"))
                                : directories(relative.substr(0, slash));
    const auto name = slash == std::string::npos ? relative : relative.substr(slash + 1);
    check(::mknodat(parent.get(), name.c_str(), S_IFCHR, makedev(0, 0)),
          "hiding " + quoted(hidden.path));
  }

 private:
  static UniqueFd open_directory(int at, const std::string& name) {
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    return UniqueFd(check(::openat(at, name.c_str(), kFlags), "opening a layer's directory"));
  }

  UniqueFd directories(const std::string& relative) {
    UniqueFd at(check(::dup(root_.get()), "copying a descriptor"));
    std::string path = home_;
    for (const auto part : split(relative, '/')) {
      const std::string name(part);
      path = join(path, name);
      const bool is_new = ::mkdirat(at.get(), name.c_str(), 0700) == 0;
      if (!is_new && errno != EEXIST) throw_system_failure("making a layer's directory", errno);
      at = open_directory(at.get(), name);
      if (is_new) copy_owner_and_mode(at.get(), path);
    }
    return at;
  }

  std::string home_;
  UniqueFd root_;
  bool directories_may_return_ = false;
};

std::vector<HiddenPath> mounts_below(const std::string& home) {
  std::vector<HiddenPath> paths;
  for (const auto& mount : current_mounts()) {
    if (mount.mount_point == home || !is_at_or_below(mount.mount_point, home)) continue;
    // A mount below one that covers it cannot be reached, and its mount point may not exist.
    struct stat status {};
    const bool gone =
        ::lstat(mount.mount_point.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
    if (!gone) paths.push_back({mount.mount_point, true, true});
  }
  return paths;
}

// Mounts that a user namespace inherited are locked together (mount_namespaces(7)): the kernel lets
// nobody look below one of them, as an overlay over the home would.
void refuse_locked_mounts(const std::string& home, const std::vector<HiddenPath>& mounted) {
  if (mounted.empty() || !in_user_namespace()) return;
  throw Refusal(
      "something is mounted at " + quoted(mounted.front().path) + ", in the home " + quoted(home) +
      ": without root its view cannot be made; run awf with sudo, or with " + "another HOME");
}

UniqueFd make_overlay(const std::string& home, const FilesystemOptions& options) {
  try {
    return make_filesystem("overlay", options);
  } catch (const SystemFailure& failure) {
    throw Refusal(std::string(failure.what()) + "; the home " + quoted(home) +
                  " cannot be shown without its credentials here: run awf with sudo, or with " +
                  "another HOME");
  }
}

}  // namespace

std::vector<HiddenPath> without_nested(std::vector<HiddenPath> paths) {
  // By path, and of two with one path the one that is certain to be hidden.
  std::sort(paths.begin(), paths.end(), [](const HiddenPath& a, const HiddenPath& b) {
    return a.path != b.path ? a.path < b.path : a.is_there && !b.is_there;
  });
  std::vector<HiddenPath> kept;
  for (auto& path : paths) {
    const auto holds_it = [&](const HiddenPath& other) {
      return is_at_or_below(path.path, other.path);
    };
    if (std::none_of(kept.begin(), kept.end(), holds_it)) kept.push_back(std::move(path));
  }
  return kept;
}

UniqueFd make_home_view(const std::string& home, const std::string& size,
                        std::vector<HiddenPath> hidden) {
  const auto mounted = mounts_below(home);
  refuse_locked_mounts(home, mounted);
  const UniqueFd lower(
      check(::open(home.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "opening " + home));
  const UniqueFd staging = make_filesystem("tmpfs", {{"size", size}, {"mode", "0700"}});
  // Before Linux 6.15 the layers of an overlay must be attached in this namespace. On top of "/"
  // they are out of every path's way, since absolute paths begin below what is mounted there.
  attach(staging.get(), "/");
  check(::mkdirat(staging.get(), "upper", 0700), "making a layer");
  check(::mkdirat(staging.get(), "work", 0700), "making a layer");

  hidden.insert(hidden.end(), mounted.begin(), mounted.end());
  UpperLayer upper(home, staging.get());
  for (const auto& path : without_nested(std::move(hidden)))
    upper.hide(path);

  FilesystemOptions options = {{"source", "home"},
                               {"lowerdir", through_fd(lower.get())},
                               {"upperdir", through_fd(staging.get()) + "/upper"},
                               {"workdir", through_fd(staging.get()) + "/work"}};
  // Only user.* attributes can be written in a user namespace (overlayfs.rst, "User xattr").
  if (in_user_namespace()) options.emplace_back("userxattr", "");
  UniqueFd view = make_overlay(home, options);
  detach(staging.get());  // the overlay holds its layers
  return view;
}

}  // namespace awf::mask
