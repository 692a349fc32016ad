#include "common/privileges.hpp"

#include <grp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <type_traits>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf {
namespace {

struct FreeCapabilities {
  void operator()(cap_t caps) const noexcept { (void)::cap_free(caps); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

Capabilities current_capabilities() {
  Capabilities now(::cap_get_proc());
  check(now ? 0 : -1, "reading our capabilities");
  return now;
}

std::vector<gid_t> current_groups() {
  std::vector<gid_t> groups(
      static_cast<std::size_t>(check(::getgroups(0, nullptr), "counting our groups")));
  check(::getgroups(static_cast<int>(groups.size()), groups.data()), "reading our groups");
  std::sort(groups.begin(), groups.end());
  return groups;
}

bool groups_cannot_change() {
  // user_namespaces(7): "deny" is the price for mapping a gid without privilege.
  return trimmed(read_file("/proc/self/setgroups", 16)) == "deny";
}

}  // namespace

bool holds_capability(int capability) {
  cap_flag_value_t value = CAP_CLEAR;
  check(::cap_get_flag(current_capabilities().get(), capability, CAP_EFFECTIVE, &value),
        "reading a capability");
  return value == CAP_SET;
}

void forbid_core_files() {
  const rlimit none{0, 0};
  check(::setrlimit(RLIMIT_CORE, &none), "forbidding core files");
  rlimit now{1, 1};
  check(::getrlimit(RLIMIT_CORE, &now), "reading the limit of core files");
  verify(now.rlim_cur == 0 && now.rlim_max == 0, "no core file can be written");
}

void set_supplementary_groups(const std::vector<gid_t>& groups, bool may_stay) {
  std::vector<gid_t> wanted = groups;
  std::sort(wanted.begin(), wanted.end());
  if (!holds_capability(CAP_SETGID)) {
    if (may_stay || current_groups() == wanted || groups_cannot_change()) return;
    throw Refusal("the supplementary groups cannot be changed without CAP_SETGID");
  }
  if (::setgroups(wanted.size(), wanted.data()) < 0) {
    const int error = errno;
    if (error == EPERM && groups_cannot_change()) return;
    throw_system_failure("setting the supplementary groups", error);
  }
  verify(current_groups() == wanted, "exactly the wanted supplementary groups are left");
}

void change_gid(gid_t gid) {
  check(::setresgid(gid, gid, gid), "changing the group");
  std::array<gid_t, 3> now{};
  check(::getresgid(&now[0], &now[1], &now[2]), "reading the group");
  verify(now == std::array<gid_t, 3>{gid, gid, gid}, "the group changed");
}

void change_uid(uid_t uid) {
  // Without this flag the kernel empties the permitted set when the last uid stops being 0. It is
  // refused when securebits are locked (EPERM); those that lock it here also forbid that emptying.
  const bool kept = ::prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) == 0;
  check(::setresuid(uid, uid, uid), "changing the user");
  if (kept) check(::prctl(PR_SET_KEEPCAPS, 0L, 0L, 0L, 0L), "resetting the capabilities' flag");
  std::array<uid_t, 3> now{};
  check(::getresuid(&now[0], &now[1], &now[2]), "reading the user");
  verify(now == std::array<uid_t, 3>{uid, uid, uid}, "the user changed");
}

void drop_bounding_set(const std::vector<int>& keep) {
  if (!holds_capability(CAP_SETPCAP)) return;
  for (cap_value_t c = 0; c < ::cap_max_bits(); ++c) {
    if (std::find(keep.begin(), keep.end(), c) != keep.end()) continue;
    check(::cap_drop_bound(c), "dropping a capability for good");
    verify(::cap_get_bound(c) == 0, "a capability is out of the bounding set");
  }
}

void drop_capabilities(const std::vector<int>& keep) {
  const Capabilities wanted(::cap_init());
  check(wanted ? 0 : -1, "describing capabilities");
  for (const int c : keep) {
    for (const cap_flag_t set : {CAP_PERMITTED, CAP_EFFECTIVE}) {
      check(::cap_set_flag(wanted.get(), set, 1, &c, CAP_SET), "describing a capability");
    }
  }
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L), "clearing ambient rights");
  check(::cap_set_proc(wanted.get()), "dropping capabilities");
  // The ambient set is a part of the inheritable one, so that this comparison covers it.
  verify(::cap_compare(current_capabilities().get(), wanted.get()) == 0,
         "only the needed capabilities are left");
}

void forbid_new_privileges() {
  check(::prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), "setting no_new_privs");
  verify(::prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1, "no_new_privs is set");
}

}  // namespace awf
