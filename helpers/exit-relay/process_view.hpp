// What the inside of the PID namespace sees of the system: its own /proc and its own host name.
#pragma once

namespace awf::exit_relay {

// In PID 1, before it starts anything: makes the mount namespace private to us, mounts a fresh
// procfs on /proc, covers what a container must not see or write there, and sets the host name.
// Proves each step and throws Refusal or SystemFailure.
//
// Needs CAP_SYS_ADMIN over the mount, PID and UTS namespaces, and in a user namespace a procfs of
// the parent that is not covered yet: the kernel allows a new one only where an old one is fully
// visible (mount_too_revealing() in fs/namespace.c). Needs /dev/null.
void enter_process_view();

}  // namespace awf::exit_relay
