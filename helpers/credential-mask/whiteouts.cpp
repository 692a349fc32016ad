#include "credential-mask/whiteouts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "common/check.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/mount_table.hpp"

namespace awf::mask {
namespace {

// One node with many names: a link costs half of what a node costs, and there are hundreds.
constexpr const char* kWhiteout = "whiteout";

UniqueFd open_layer_directory(int at, const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  return UniqueFd(check(::openat(at, name.c_str(), kFlags), "opening a layer's directory"));
}

}  // namespace

std::string through_fd(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

void copy_owner_and_mode(int fd, const std::string& path) {
  struct stat status {};
  check(::lstat(path.c_str(), &status), "looking at " + path);
  // An owner whom the user namespace does not know cannot be given; the caller stays the owner of
  // what only it can see.
  if (::fchown(fd, status.st_uid, status.st_gid) != 0 && !in_user_namespace()) {
    throw_system_failure("giving the owner of " + path, errno);
  }
  mode_t mode = status.st_mode & 07777U;
  // acl(5): the mode's group bits are the list's mask then, more than the group itself may do.
  if (::lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0) mode &= 07707U;
  check(::fchmod(fd, mode), "giving the mode of " + path);
}

UniqueFd make_layer_directory(int at, const std::string& name) {
  check(::mkdirat(at, name.c_str(), 0700), "making a layer's directory");
  return open_layer_directory(at, name);
}

WhiteoutLayer::WhiteoutLayer(int staging, const std::string& name, std::string base)
    : base_(std::move(base)), staging_(staging), root_(make_layer_directory(staging, name)) {
  copy_owner_and_mode(root_.get(), base_);
  const int made = ::mknodat(staging, kWhiteout, S_IFCHR, makedev(0, 0));
  if (made != 0 && errno != EEXIST) throw_system_failure("making a whiteout", errno);
}

void WhiteoutLayer::hide(const std::string& path) {
  verify(path != base_ && is_at_or_below(path, base_), "a layer hides what lies below it");
  const auto slash = path.rfind('/');
  const auto& parent = directory(slash == 0 ? "/" : path.substr(0, slash));
  const auto name = path.substr(slash + 1);
  if (::linkat(staging_, kWhiteout, parent.get(), name.c_str(), 0) == 0) return;
  throw_system_failure("hiding " + quoted(path), errno);
}

const UniqueFd& WhiteoutLayer::directory(const std::string& path) {
  if (path == base_) return root_;
  if (path == last_path_) return last_;
  UniqueFd at(check(::dup(root_.get()), "copying a descriptor"));
  std::string done = base_;
  for (const auto part :
       split(std::string_view(path).substr(base_ == "/" ? 1 : base_.size() + 1), '/')) {
    const std::string name(part);
    done = join(done, name);
    const bool is_new = ::mkdirat(at.get(), name.c_str(), 0700) == 0;
    if (!is_new && errno != EEXIST) throw_system_failure("making a layer's directory", errno);
    at = open_layer_directory(at.get(), name);
    if (is_new) copy_owner_and_mode(at.get(), done);
  }
  last_path_ = path;
  last_ = std::move(at);
  return last_;
}

}  // namespace awf::mask
