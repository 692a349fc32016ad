// Entering the sandbox's network namespace, and its user namespace when there is no root.
#pragma once

namespace awf::firewall {

// unshare(2) of the network namespace. Needs CAP_SYS_ADMIN. Refusal with the remedy when the
// kernel does not permit it.
void enter_network_namespace();

// unshare(2) of a user and a network namespace by an unprivileged caller. The caller's uid and gid
// are mapped 1:1 and nothing else is; the namespace's capabilities become inheritable and ambient,
// so that the following programs of the chain keep them although their uid is not 0. For a process
// with one thread.
void enter_user_and_network_namespace();

}  // namespace awf::firewall
