// A mount namespace of our own and the change of its root.
#pragma once

#include <vector>

#include "credential-mask/mount_table.hpp"

namespace awf::mask {

// True when this process has less than the machine's own user namespace: ids may be unmapped, and
// the mounts that were inherited are locked together (mount_namespaces(7)).
bool in_user_namespace();

// The mounts that this process sees.
std::vector<Mount> current_mounts();

// unshare(2) with CLONE_NEWNS; nothing that is mounted later, here or on the host, is seen on the
// other side.
void enter_mount_namespace();

// Makes the detached tree the root of the namespace and lets go of the old root for good: no path,
// not even "..", leads back. The working directory is the new root afterwards.
void enter_root(int tree_fd);

// Takes an attached tree out of the namespace; it lives on for whoever holds a part of it.
void detach(int tree_fd);

}  // namespace awf::mask
