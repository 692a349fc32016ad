#include "credential-mask/home_view.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/check.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_api.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/places.hpp"
#include "credential-mask/ssh_directory.hpp"
#include "credential-mask/whiteouts.hpp"

namespace awf::mask {
namespace {

std::vector<HiddenPath> mounts_below(const std::string& home) {
  std::vector<HiddenPath> paths;
  for (const auto& mount : current_mounts()) {
    if (mount.mount_point == home || !is_at_or_below(mount.mount_point, home)) continue;
    // A mount below one that covers it cannot be reached, and its mount point may not exist.
    struct stat status {};
    const bool gone =
        ::lstat(mount.mount_point.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
    if (!gone) paths.push_back({mount.mount_point, true, true, false});
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

// ~/.ssh is hidden whole, and stands in the upper layer with what it may show.
void hide_in_layers(const std::string& home, int staging, int upper,
                    const std::vector<HiddenPath>& hidden) {
  const std::string ssh = home + "/.ssh";
  const bool has_ssh = is_real_directory(ssh) &&
                       std::none_of(hidden.begin(), hidden.end(),
                                    [&](const HiddenPath& path) { return path.path == ssh; });
  WhiteoutLayer whiteouts(staging, "hidden", home);
  for (const auto& path : hidden) {
    if (!has_ssh || !is_at_or_below(path.path, ssh)) whiteouts.hide(path.path);
  }
  if (!has_ssh) return;
  whiteouts.hide(ssh);
  copy_ssh_directory(ssh, upper, ".ssh", hidden);
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
  check(::mkdirat(staging.get(), "work", 0700), "making a layer");
  const UniqueFd upper = make_layer_directory(staging.get(), "upper");
  copy_owner_and_mode(upper.get(), home);
  hidden.insert(hidden.end(), mounted.begin(), mounted.end());
  hide_in_layers(home, staging.get(), upper.get(), without_nested(std::move(hidden)));

  const std::string layers = through_fd(staging.get());
  FilesystemOptions options = {{"source", "home"},
                               {"lowerdir", layers + "/hidden:" + through_fd(lower.get())},
                               {"upperdir", layers + "/upper"},
                               {"workdir", layers + "/work"}};
  // Only user.* attributes can be written in a user namespace (overlayfs.rst, "User xattr").
  if (in_user_namespace()) options.emplace_back("userxattr", "");
  UniqueFd view = make_overlay(home, options);
  detach(staging.get());  // the overlay holds its layers
  return view;
}

}  // namespace awf::mask
