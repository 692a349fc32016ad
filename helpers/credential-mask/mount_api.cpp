// The system calls are made by number: the C library of Ubuntu 22.04 has no wrappers for them, and
// <sys/mount.h> and <linux/mount.h> cannot both be included with glibc 2.36.
#include "credential-mask/mount_api.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::mask {
namespace {

void set_attributes(int fd, const char* path, unsigned flags, std::uint64_t attributes,
                    const std::string& what) {
  mount_attr change{};
  change.attr_set = attributes;
  check(::syscall(SYS_mount_setattr, fd, path, flags, &change, sizeof(change)),
        "restricting " + what);
}

// A context of fsopen(2) answers read(2) with the messages of the file system, "e …" for an error.
std::string last_message(int context) {
  std::array<char, 512> buffer{};
  std::string last;
  for (;;) {
    const ssize_t got = ::read(context, buffer.data(), buffer.size());
    if (got <= 0) return last;
    last.assign(buffer.data(), static_cast<std::size_t>(got));
  }
}

void configure(int context, const char* type, unsigned command, const char* key,
               const char* value) {
  if (::syscall(SYS_fsconfig, context, command, key, value, 0) >= 0) return;
  const int reason = errno;
  const auto message = last_message(context);
  throw_system_failure(std::string("making a file system of type ") + type +
                           (message.empty() ? "" : " (" + std::string(trimmed(message)) + ")"),
                       reason);
}

}  // namespace

UniqueFd try_clone_tree(const std::string& path, bool no_follow) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
                         (no_follow ? static_cast<unsigned>(AT_SYMLINK_NOFOLLOW) : 0U);
  return UniqueFd(static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, path.c_str(), flags)));
}

UniqueFd clone_tree(const std::string& path) {
  UniqueFd tree = try_clone_tree(path);
  check(tree.get(), "copying the mounts at " + path);
  return tree;
}

UniqueFd make_filesystem(const char* type, const FilesystemOptions& options) {
  const UniqueFd context(
      static_cast<int>(check(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC),
                             std::string("asking for a file system of type ") + type)));
  for (const auto& [key, value] : options) {
    if (value.empty()) {
      configure(context.get(), type, FSCONFIG_SET_FLAG, key.c_str(), nullptr);
    } else {
      configure(context.get(), type, FSCONFIG_SET_STRING, key.c_str(), value.c_str());
    }
  }
  configure(context.get(), type, FSCONFIG_CMD_CREATE, nullptr, nullptr);
  const bool holds_devices = std::string_view(type) == "devpts";
  const unsigned attributes =
      MOUNT_ATTR_NOSUID | (holds_devices ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_NODEV);
  return UniqueFd(
      static_cast<int>(check(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes),
                             std::string("mounting a file system of type ") + type)));
}

void restrict_tree(int tree_fd, Access access) {
  std::uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (access == Access::kReadOnly) attributes |= MOUNT_ATTR_RDONLY;
  set_attributes(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, attributes, "a tree of mounts");
}

void restrict_device(int tree_fd) {
  // A read-only mount keeps the mode and times of the machine's device file as they are; writing to
  // the device needs no writable mount.
  constexpr std::uint64_t kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  set_attributes(tree_fd, "", AT_EMPTY_PATH, kAttributes, "a device");
}

void make_read_only(const std::string& path) {
  set_attributes(AT_FDCWD, path.c_str(), 0, MOUNT_ATTR_RDONLY, path);
}

void attach(int tree_fd, const std::string& target) {
  check(::syscall(SYS_move_mount, tree_fd, "", AT_FDCWD, target.c_str(),
                  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS),
        "mounting at " + target);
}

void attach_at(int tree_fd, int place_fd, const std::string& target) {
  check(::syscall(SYS_move_mount, tree_fd, "", place_fd, "",
                  MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
        "mounting at " + target);
}

}  // namespace awf::mask
