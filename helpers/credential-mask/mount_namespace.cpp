#include "credential-mask/mount_namespace.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_api.hpp"

namespace awf::mask {

bool in_user_namespace() {
  // user_namespaces(7): only the initial namespace maps all 2^32 - 1 ids onto themselves.
  constexpr std::size_t kMostBytes = 64UL * 1024;
  const auto map = read_file("/proc/self/uid_map", kMostBytes);
  for (const auto word : split(trimmed(map), ' ')) {
    if (word == "4294967295") return false;
  }
  return true;
}

std::vector<Mount> current_mounts() {
  constexpr std::size_t kMostBytes = 16UL * 1024 * 1024;
  return parse_mount_table(read_file("/proc/self/mountinfo", kMostBytes));
}

void enter_mount_namespace() {
  check(::unshare(CLONE_NEWNS), "making a mount namespace");
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr),
        "making the mounts of the namespace private");
}

void enter_root(int tree_fd) {
  // On top of "/", which always exists, so no directory has to be found for the new root. Paths
  // still begin at the old root underneath; only the descriptor leads up.
  attach(tree_fd, "/");
  check(::fchdir(tree_fd), "entering the new root");
  // pivot_root(2), NOTES: with both arguments "." the old root comes to lie on top of the new one,
  // from where it is unmounted. A lazy unmount takes all its children along, so that mounts that
  // are locked to their parents (user namespaces) do not stand in the way.
  check(::syscall(SYS_pivot_root, ".", "."), "changing the root");
  check(::umount2(".", MNT_DETACH), "letting go of the old root");
  check(::chdir("/"), "entering the new root");
}

void detach(int tree_fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(tree_fd);
  check(::umount2(path.c_str(), MNT_DETACH), "unmounting a tree");
}

}  // namespace awf::mask
