// Whose command this is, and with which rights the sandbox is built.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace awf::supervisor {

enum class Mode : std::uint8_t {
  kPrivileged,  // namespaces made with the rights awf was started with (sudo, root)
  kRootless,    // inside a user namespace of the caller's
};

// The user that the command runs as.
struct Identity {
  Mode mode = Mode::kRootless;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary, privileged mode only; none that is as good as root
  std::string user_name;      // may be empty when the uid has no entry
  std::string home;           // absolute; may not exist
  std::string account_home = {};  // what the account says, be it `home` or not; may be empty
};

using GetVariable = std::function<std::optional<std::string>(const std::string&)>;

// With effective uid 0 and the capabilities to make namespaces: privileged, as SUDO_UID and
// SUDO_GID when sudo(8) set them, otherwise as root itself (without any capability). In all other
// cases rootless. Throws Refusal for a set-user-ID awf or a SUDO_UID that is not a number.
Identity identify_caller(const GetVariable& variable);

// Groups whose members can become root or read its files: never handed to the command.
bool is_power_group(const std::string& name);

// Throws Refusal with the remedy when this kernel will not let an ordinary user make a user
// namespace (sysctls of Linux, Debian and Ubuntu).
void verify_user_namespaces_permitted();

}  // namespace awf::supervisor
