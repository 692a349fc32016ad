// Giving up authority, one kind a function: each acts, then reads back what it did and throws
// (Refusal or SystemFailure) when the kernel shows anything else. For a process with one thread,
// since credentials are per thread in Linux. What may be called in which order is the caller's
// recipe; the comments name what each step still needs.
#pragma once

#include <sys/types.h>

#include <vector>

namespace awf {

// True when `capability` (CAP_…) is effective.
bool holds_capability(int capability);

// RLIMIT_CORE 0, soft and hard: memory never becomes a file.
void forbid_core_files();

// Makes `groups` the supplementary groups. Needs CAP_SETGID. Without it nothing changes, and the
// groups must be the wanted ones already, unless `may_stay`. In a user namespace whose setgroups
// file says "deny" (user_namespaces(7)) nobody can change them, and they stay.
void set_supplementary_groups(const std::vector<gid_t>& groups, bool may_stay);

// Real, effective and saved gid (uid). Capabilities survive the change of uid, so that later steps
// can still use and then drop them.
void change_gid(gid_t gid);
void change_uid(uid_t uid);

// Takes all capabilities but `keep` out of the bounding set. Needs CAP_SETPCAP and does nothing
// without it: forbid_new_privileges() bars the way back as well.
void drop_bounding_set(const std::vector<int>& keep);

// Leaves exactly `keep` permitted and effective and nothing inheritable or ambient.
void drop_capabilities(const std::vector<int>& keep);

// PR_SET_NO_NEW_PRIVS: set-user-ID programs and file capabilities give nothing from now on.
void forbid_new_privileges();

}  // namespace awf
