#include "firewall/network_namespace.hpp"

#include <sched.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <type_traits>

#include "common/check.hpp"
#include "common/file.hpp"
#include "firewall/capability_sets.hpp"

namespace awf::firewall {
namespace {

constexpr std::size_t kMaxStatusBytes = 16384;

struct FreeCapabilities {
  void operator()(cap_t caps) const noexcept { (void)::cap_free(caps); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

ino_t network_namespace_id() {
  struct stat status {};
  check(::stat("/proc/self/ns/net", &status), "identifying the network namespace");
  return status.st_ino;
}

void unshare_or_refuse(int flags, const std::string& remedy) {
  const ino_t before = network_namespace_id();
  if (::unshare(flags) < 0) {
    throw Refusal(SystemFailure("making a network namespace", errno).what() + ("; " + remedy));
  }
  verify(network_namespace_id() != before, "this is a network namespace of its own");
}

// user_namespaces(7): without privilege outside, a process may map its own ids only, and the gid
// only after setgroups(2) has been denied for good.
void map_own_ids(uid_t uid, gid_t gid) {
  const auto one_to_one = [](unsigned id) {
    return std::to_string(id) + " " + std::to_string(id) + " 1";
  };
  write_control_file("/proc/self/setgroups", "deny");
  write_control_file("/proc/self/uid_map", one_to_one(uid));
  write_control_file("/proc/self/gid_map", one_to_one(gid));
  verify(::getuid() == uid && ::getgid() == gid, "the user and group are the same as before");
}

void raise_ambient_capabilities() {
  const Capabilities caps(::cap_get_proc());
  check(caps ? 0 : -1, "reading our capabilities");
  // Ambient takes what is permitted and inheritable, capabilities(7).
  for (cap_value_t c = 0; c < ::cap_max_bits(); ++c) {
    check(::cap_set_flag(caps.get(), CAP_INHERITABLE, 1, &c, CAP_SET), "describing capabilities");
  }
  check(::cap_set_proc(caps.get()), "making capabilities inheritable");
  for (cap_value_t c = 0; c < ::cap_max_bits(); ++c) {
    check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0L, 0L), "raising a capability");
  }
  const auto sets = read_capability_sets(read_file("/proc/self/status", kMaxStatusBytes));
  verify(sets && sets->permitted != 0 && sets->ambient == sets->permitted &&
             sets->inheritable == sets->permitted && sets->effective == sets->permitted,
         "the namespace's capabilities last over execve");
}

}  // namespace

void enter_network_namespace() {
  unshare_or_refuse(CLONE_NEWNET, "run awf as root, or rootless with --user-namespace");
}

void enter_user_and_network_namespace() {
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  unshare_or_refuse(
      CLONE_NEWUSER | CLONE_NEWNET,
      "unprivileged user namespaces are not available here: run awf with sudo, or "
      "see user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns");
  map_own_ids(uid, gid);
  raise_ambient_capabilities();
}

}  // namespace awf::firewall
