#include "credential-mask/concealment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/check.hpp"
#include "common/text.hpp"
#include "credential-mask/mount_api.hpp"
#include "credential-mask/mount_namespace.hpp"
#include "credential-mask/places.hpp"

namespace awf::mask {
namespace {

// What is mounted over a hidden file or directory outside the home.
constexpr const char* kHiddenFile = "/run/awf/hidden-file";
constexpr const char* kHiddenDirectory = "/run/awf/hidden-directory";

// The id of the mount on which `path` ends, or nothing when it cannot be reached. No automount is
// triggered, no link followed.
std::optional<std::uint64_t> mount_id_of(const std::string& path) {
  struct statx status {};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID,
              &status) != 0) {
    return std::nullopt;
  }
  verify((status.stx_mask & STATX_MNT_ID) != 0, "the kernel tells the mount of a file");
  return status.stx_mnt_id;
}

bool is_seen(const Alias& alias) {
  return mount_id_of(alias.path) == alias.mount_id;
}

// File systems that are windows into the machine. The one /proc is left for the new one to cover:
// a user namespace may mount its own only while it sees one whole.
bool shows_the_machine(const Mount& mount) {
  constexpr std::array<std::string_view, 9> kTypes = {"debugfs",    "tracefs", "bpf",
                                                      "securityfs", "pstore",  "efivarfs",
                                                      "configfs",   "mqueue",  "proc"};
  if (is_at_or_below(mount.mount_point, "/proc")) return false;
  return std::find(kTypes.begin(), kTypes.end(), mount.type) != kTypes.end();
}

void make_covers() {
  const Ids caller{::geteuid(), ::getegid()};
  make_file(kHiddenFile, "", caller);
  check(::chmod(kHiddenFile, 0), "closing the cover");
  make_directories(kHiddenDirectory, caller);
  check(::chmod(kHiddenDirectory, 0555), "closing the cover");
}

void cover_with(const std::string& source, const std::string& target) {
  const UniqueFd tree = clone_tree(source);
  restrict_tree(tree.get(), Access::kReadOnly);
  attach(tree.get(), target);
}

void cover_with_nothing(const std::string& target) {
  cover_with(is_directory(target) ? kHiddenDirectory : kHiddenFile, target);
}

void cover_kernel_interfaces(const std::vector<Mount>& mounts) {
  for (const auto& mount : mounts) {
    if (shows_the_machine(mount) && mount_id_of(mount.mount_point) == mount.id) {
      cover_with_nothing(mount.mount_point);
    }
  }
}

}  // namespace

Concealment::Concealment(const std::vector<std::string>& homes, const HiddenPaths& hidden,
                         const std::vector<std::string>& private_directories) {
  auto mounts = current_mounts();
  for (const auto& mount : mounts) {
    for (const auto& directory : overlay_directories(mount)) {
      // A layer that cannot be seen, as in a container, names no place of ours; what begins with
      // /proc named a descriptor of whoever mounted it.
      if (is_at_or_below(directory, "/proc") || !is_real_directory(directory)) continue;
      const auto place = locate(mounts, directory);
      if (place && place->device != mount.device) layers_[mount.device].push_back(*place);
    }
  }
  for (auto& mount : sights()) {
    if (mount_id_of(mount.mount_point) == mount.id) host_.push_back(std::move(mount));
  }
  const auto add = [&](const std::string& path, Thing::Cover cover) {
    for (auto& place : places_of(host_, path))
      things_.push_back({path, std::move(place), cover});
  };
  // The homes first: once a view stands at every sight of one, what it hides is hidden there.
  for (const auto& home : homes)
    add(home, Thing::Cover::kHomeView);
  for (const auto& path : private_directories)
    add(path, Thing::Cover::kDirectory);
  for (const auto* paths : {&hidden.in_homes, &hidden.elsewhere}) {
    for (const auto& path : *paths) {
      const auto cover = path.is_directory ? Thing::Cover::kDirectory : Thing::Cover::kFile;
      // What is absent has no sight to cover, and that it stays so cannot be seen by looking.
      if (path.is_there) add(path.path, cover);
    }
  }
}

void Concealment::add_overlay(const std::string& device, std::vector<Place> layers) {
  layers_[device] = std::move(layers);
}

std::vector<Mount> Concealment::sights() const {
  auto mounts = current_mounts();
  for (auto& mount : mounts) {
    if (const auto known = layers_.find(mount.device); known != layers_.end()) {
      mount.layers = known->second;
    }
  }
  return mounts;
}

bool Concealment::granted(const Thing& thing, const std::string& sight,
                          const std::vector<Show>& shown) {
  return std::any_of(shown.begin(), shown.end(), [&](const Show& show) {
    if (!is_at_or_below(sight, show.target) || !is_at_or_below(show.source, thing.path)) {
      return false;
    }
    // To ask for the whole home is not to ask for the credentials in it.
    return thing.cover != Thing::Cover::kHomeView || show.source != thing.path;
  });
}

void Concealment::show_home_view(const std::string& home, const Alias& sight,
                                 std::vector<Show>& shown) {
  const std::string seen = join(home, sight.part);
  const UniqueFd view = try_clone_tree(seen, true);
  // A part of the home that the view hides cannot be copied from it.
  if (!view) return cover_with_nothing(sight.path);
  restrict_tree(view.get(), Access::kReadOnly);
  attach(view.get(), sight.path);
  // What is mounted in the home, such as the workspace, was copied along.
  for (std::size_t i = shown.size(); i-- > 0;) {
    if (!is_at_or_below(shown[i].target, seen)) continue;
    shown.push_back({shown[i].source, moved(shown[i].target, seen, sight.path), Access::kReadOnly});
  }
}

std::vector<Show> Concealment::conceal(std::vector<Show> shown,
                                       const std::vector<std::string>& doors) const {
  make_covers();
  const auto mounts = sights();
  for (const auto& thing : things_) {
    for (const auto& sight : aliases_of(mounts, thing.place)) {
      if (!is_seen(sight) || granted(thing, sight.path, shown)) continue;
      if (thing.cover == Thing::Cover::kHomeView) {
        show_home_view(thing.path, sight, shown);
      } else {
        cover_with_nothing(sight.path);
      }
    }
  }
  cover_kernel_interfaces(mounts);
  for (const auto& door : doors)
    cover_with(kHiddenFile, door);
  return shown;
}

void Concealment::verify(const std::vector<Show>& shown) const {
  const auto mounts = sights();
  for (const auto& thing : things_) {
    for (const auto& sight : aliases_of(mounts, thing.place)) {
      const bool seen = is_seen(sight) && !granted(thing, sight.path, shown);
      awf::verify(!seen, quoted(thing.path) + " is hidden at " + quoted(sight.path));
    }
  }
  // The way through /proc (the slash at the end follows its link) leads to the same tree, so that
  // what holds for one holds for the other.
  awf::verify(mount_id_of("/proc/self/root/") == mount_id_of("/"),
              "/proc leads to the view's root");
  // From the root, ".." leads to whatever lies on top of it (path_resolution(7)).
  awf::verify(mount_id_of("/..") == mount_id_of("/"), "nothing lies on top of the root");
  for (const auto& mount : mounts) {
    awf::verify(!shows_the_machine(mount) || mount_id_of(mount.mount_point) != mount.id,
                "the host's " + mount.type + " is hidden");
  }
}

}  // namespace awf::mask
