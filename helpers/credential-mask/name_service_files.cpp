#include "credential-mask/name_service_files.hpp"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "credential-mask/mount_api.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/name_service.hpp"
#include "credential-mask/places.hpp"

namespace awf::mask {
namespace {

constexpr std::size_t kMostSwitchBytes = 64UL * 1024;

// Where the links at `path` end, existing or not. realpath(3) would not tell where a link into the
// emptied /run leads.
std::string end_of_links(std::string path) {
  constexpr int kMostLinks = 40;  // as path_resolution(7)
  for (int i = 0; i < kMostLinks; ++i) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0) return path;
    const std::string next(target.data(), static_cast<std::size_t>(size));
    path = next.front() == '/' ? next : join(path.substr(0, path.rfind('/')), next);
  }
  return path;
}

// A link into /run (systemd-resolved, resolvconf) leads into the private one, where the file is
// made. A file that the host does not have is not missed: the C library's defaults are ours.
void replace(const std::string& name, const std::string& content) {
  const Ids caller{::geteuid(), ::getegid()};
  const std::string ours = "/run/awf/etc/" + name;
  make_file(ours, content, caller);
  const std::string target = end_of_links("/etc/" + name);
  struct stat status {};
  const bool is_there = ::stat(target.c_str(), &status) == 0;
  const bool in_run = target.find("/run/") != std::string::npos;
  if (!is_there && !in_run) return;
  if (!is_there) make_file(target, content, caller);
  const UniqueFd tree = clone_tree(ours);
  restrict_tree(tree.get(), Access::kReadOnly);
  attach(tree.get(), target);
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  check(::gethostname(name.data(), name.size() - 1), "asking for the host name");
  return name.data();
}

}  // namespace

void replace_name_service_files() {
  replace("resolv.conf", resolver_file());
  replace("hosts", hosts_file(host_name()));
  const auto of_the_host = read_file_if_there("/etc/nsswitch.conf", kMostSwitchBytes);
  replace("nsswitch.conf", switch_file(of_the_host.value_or("")));
}

}  // namespace awf::mask
