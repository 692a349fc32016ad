// The mount calls that work on descriptors instead of paths: a tree is taken while it can still be
// seen and put in place later, wherever the paths have gone meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::mask {

enum class Access : std::uint8_t { kReadOnly, kReadWrite };

// A detached copy of the mount at `path` with everything mounted below it (open_tree(2), Linux
// 5.2), or nothing but the reason in errno when it cannot be had. Symbolic links are followed
// unless `no_follow`.
UniqueFd try_clone_tree(const std::string& path, bool no_follow = false);

// As try_clone_tree; throws SystemFailure.
UniqueFd clone_tree(const std::string& path);

// A fresh file system, not yet attached (fsopen(2), fsmount(2), Linux 5.2), without set-uid
// programs and, but for devpts, without device nodes. An option with an empty value is a flag.
// Throws SystemFailure with the kernel's own message when there is one.
using FilesystemOptions = std::vector<std::pair<std::string, std::string>>;
UniqueFd make_filesystem(const char* type, const FilesystemOptions& options);

// No set-uid programs, no device nodes, and read-only if asked, for a whole tree at once
// (mount_setattr(2) with AT_RECURSIVE, Linux 5.12). A single call covers mounts that a loop over
// mountinfo could miss. Nothing is ever cleared: in a user namespace that is forbidden (EPERM).
void restrict_tree(int tree_fd, Access access);
// For a device, which nodev would make useless.
void restrict_device(int tree_fd);
void make_read_only(const std::string& path);

// Puts a detached tree on top of `target` (move_mount(2), Linux 5.2), whose symbolic links are
// followed.
void attach(int tree_fd, const std::string& target);
// The same on top of a place that is held open; `target` names it in messages.
void attach_at(int tree_fd, int place_fd, const std::string& target);

}  // namespace awf::mask
