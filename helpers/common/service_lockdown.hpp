// What our own long-running processes give up before they look at a byte that others control.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

namespace awf {

struct ServiceLockdown {
  std::optional<uid_t> uid;  // who to become; nothing: stay who we are
  std::optional<gid_t> gid;
  std::vector<int> keep_capabilities;  // CAP_…; must be permitted now
};

// Gives up, in the order that the kernel demands, and proves by reading back: core files,
// supplementary groups, uid and gid, every capability but the kept ones (from all five sets),
// gaining privileges by execve, being traced or dumped (PR_SET_DUMPABLE), and by seccomp(2) with
// EPERM: running programs, tracing, mounting, making or entering namespaces, loading code into the
// kernel, and foreign ABIs (killed).
//
// Call once, when everything is open and before the first thread starts: credentials are per thread
// in Linux. Groups stay where the kernel lets nobody change them: without CAP_SETGID, and in a user
// namespace whose setgroups file says "deny". The bounding set needs CAP_SETPCAP; without it the
// rest of the promise holds all the same, since no_new_privs bars the way back.
//
// Throws Refusal or SystemFailure; the process is then half locked down and must end.
void lock_down_service(const ServiceLockdown& wanted);

// In builds with LeakSanitizer: looks for leaks now and, by its contract, never again. It works by
// tracing the process, which lock_down_service forbids (and so calls this first); a program that
// unshares its PID namespace calls it before, since the tracer would be born into the new one.
// Nothing in other builds.
void check_leaks_while_possible();

}  // namespace awf
