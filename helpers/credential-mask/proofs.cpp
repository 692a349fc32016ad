#include "credential-mask/proofs.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/check.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "credential-mask/mount_namespace.hpp"

namespace awf::mask {
namespace {

bool is_read_only(const std::string& path) {
  struct statvfs status {};
  check(::statvfs(path.c_str(), &status), "looking at the mount of " + path);
  return (status.f_flag & ST_RDONLY) != 0;
}

}  // namespace

std::optional<std::string> stray_writable_mount(const std::vector<Mount>& mounts,
                                                const std::vector<std::string>& writable) {
  for (const auto& mount : mounts) {
    const bool allowed = std::any_of(writable.begin(), writable.end(), [&](const auto& place) {
      return is_at_or_below(mount.mount_point, place);
    });
    if (!allowed && !mount.read_only()) return mount.mount_point;
  }
  return std::nullopt;
}

std::optional<std::string> path_named_by(const std::vector<Mount>& mounts,
                                         const std::vector<std::string>& hidden) {
  for (const auto& path : hidden) {
    for (const auto& mount : mounts) {
      if (is_at_or_below(mount.mount_point, path) || mount.source == path) return path;
    }
  }
  return std::nullopt;
}

void verify_view(const std::vector<std::string>& writable,
                 const std::vector<std::string>& unnamed) {
  const auto mounts = current_mounts();
  verify(is_read_only("/"), "the root is read-only");
  const UniqueFd probe(::open("/.awf-probe", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  verify(!probe && errno == EROFS, "nothing can be made in the root");
  const auto stray = stray_writable_mount(mounts, writable);
  verify(!stray, "the mount at " + quoted(stray.value_or("")) + " is read-only");
  const auto named = path_named_by(mounts, unnamed);
  verify(!named, "no mount names " + quoted(named.value_or("")));
}

void verify_writable(const std::string& workspace) {
  verify(!is_read_only(workspace), "the workspace " + quoted(workspace) + " can be written to");
}

}  // namespace awf::mask
