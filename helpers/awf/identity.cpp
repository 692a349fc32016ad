#include "awf/identity.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::supervisor {
namespace {

constexpr std::size_t kSmallFile = 4096;

bool has_capability(const std::array<__user_cap_data_struct, 2>& sets, int capability) {
  const auto index = static_cast<std::size_t>(capability) / 32;
  const auto bit = static_cast<unsigned>(capability) % 32;
  return (sets.at(index).effective >> bit & 1U) != 0;
}

// Root in a container often lacks these; then only a user namespace gives them (capabilities(7)).
bool can_make_namespaces() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  check(::syscall(SYS_capget, &header, sets.data()), "reading capabilities");
  return has_capability(sets, CAP_SYS_ADMIN) && has_capability(sets, CAP_NET_ADMIN) &&
         has_capability(sets, CAP_SETUID) && has_capability(sets, CAP_SETGID);
}

std::optional<unsigned> number_variable(const GetVariable& variable, const std::string& name) {
  const auto text = variable(name);
  if (!text) return std::nullopt;
  const auto number = parse_number<unsigned>(*text);
  if (!number) throw Refusal(name + "=" + quoted(*text) + " is not a user or group number");
  return number;
}

// getpwuid(3) is called once, before any thread exists.
void fill_account(Identity& identity) {
  const passwd* account = ::getpwuid(identity.uid);
  if (account == nullptr) return;
  identity.user_name = account->pw_name;
  identity.home = identity.account_home = account->pw_dir;
}

std::vector<gid_t> harmless_groups(const std::string& user_name, gid_t gid) {
  if (user_name.empty()) return {};
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(user_name.c_str(), gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    check(::getgrouplist(user_name.c_str(), gid, groups.data(), &count), "listing groups");
  }
  groups.resize(static_cast<std::size_t>(count));
  const auto is_power = [](gid_t group) {
    const ::group* entry = ::getgrgid(group);
    return group == 0 || (entry != nullptr && is_power_group(entry->gr_name));
  };
  groups.erase(std::remove_if(groups.begin(), groups.end(), is_power), groups.end());
  return groups;
}

void refuse_when(const std::string& path, std::string_view forbidden, const std::string& remedy) {
  const auto value = read_file_if_there(path, kSmallFile);
  if (!value || trimmed(*value) != forbidden) return;
  throw Refusal("this kernel does not let ordinary users make namespaces (" + path + " is " +
                std::string(forbidden) + "); run awf with sudo, or as root: " + remedy);
}

}  // namespace

bool is_power_group(const std::string& name) {
  constexpr std::array<std::string_view, 14> kPower = {
      "root", "sudo",  "wheel", "admin",  "adm", "docker",  "podman",
      "lxd",  "incus", "disk",  "shadow", "kvm", "libvirt", "systemd-journal"};
  return std::find(kPower.begin(), kPower.end(), name) != kPower.end();
}

Identity identify_caller(const GetVariable& variable) {
  if (::getuid() != ::geteuid() || ::getgid() != ::getegid()) {
    throw Refusal("awf is installed set-user-ID or set-group-ID; remove that, use sudo instead");
  }
  Identity identity;
  identity.uid = ::getuid();
  identity.gid = ::getgid();
  if (identity.uid == 0 && can_make_namespaces()) {
    identity.mode = Mode::kPrivileged;
    identity.uid = number_variable(variable, "SUDO_UID").value_or(0);
    identity.gid = number_variable(variable, "SUDO_GID").value_or(identity.uid == 0 ? 0 : ~0U);
    if (identity.gid == ~0U) throw Refusal("SUDO_UID is set but SUDO_GID is not; set both or none");
  }
  fill_account(identity);
  const bool through_sudo = identity.mode == Mode::kPrivileged && identity.uid != 0;
  // sudo changes HOME to root's or leaves it, by its configuration; the account is certain.
  const auto home = variable("HOME");
  if (home && !home->empty() && (!through_sudo || identity.home.empty())) identity.home = *home;
  if (through_sudo) identity.groups = harmless_groups(identity.user_name, identity.gid);
  return identity;
}

void verify_user_namespaces_permitted() {
  refuse_when("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000");
  refuse_when("/proc/sys/kernel/unprivileged_userns_clone", "0",
              "sysctl kernel.unprivileged_userns_clone=1");
  // A profile of its own (path-scoped, made by the administrator) may lift AppArmor's restriction.
  constexpr const char* kAppArmor = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
  if (!read_file_if_there(kAppArmor, kSmallFile)) return;
  const auto profile = read_file_if_there("/proc/self/attr/current", kSmallFile);
  if (profile && profile->rfind("unconfined", 0) != 0) return;
  refuse_when(kAppArmor, "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0");
}

}  // namespace awf::supervisor
