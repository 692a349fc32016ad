// Hiding files under every path that shows them, and proving it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "credential-mask/hidden_paths.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/options.hpp"

namespace awf::mask {

// The same file can be seen under several paths: through bind mounts of the host, through overlays
// of which its directory is a layer, through --mount of a directory above it, in a workspace. Each
// is found by the file system it lies on and its path there, and counts as seen when the path ends
// on the very mount that shows it (statx(2), STATX_MNT_ID, Linux 5.8): a mount on top, or an absent
// name, ends elsewhere.
class Concealment {
 public:
  // Looks where everything lies, while the host's tree is in sight. `homes` are those that are seen
  // through overlays.
  Concealment(const std::vector<std::string>& homes, const HiddenPaths& hidden,
              const std::vector<std::string>& private_directories);

  // The mounts of the host that can be seen, with what their overlays are made of.
  [[nodiscard]] const std::vector<Mount>& host_mounts() const { return host_; }

  // An overlay that was mounted since, by its device.
  void add_overlay(const std::string& device, std::vector<Place> layers);

  // Covers every sight; another sight of the home shows its view, read-only. What was asked for by
  // name is not covered: a `shown` tree whose source is the hidden path or lies below it. Targets
  // are canonical. Returns `shown` and where those of its targets that lie in the home are seen
  // besides. `doors` are covered too. Needs a private, writable /run.
  [[nodiscard]] std::vector<Show> conceal(std::vector<Show> shown,
                                          const std::vector<std::string>& doors) const;

  // Throws Refusal when anything is still seen, or /proc/self/root leads elsewhere.
  void verify(const std::vector<Show>& shown) const;

 private:
  struct Thing {
    enum class Cover : std::uint8_t { kFile, kDirectory, kHomeView };
    std::string path;
    Place place;
    Cover cover;
  };

  [[nodiscard]] std::vector<Mount> sights() const;
  static void show_home_view(const std::string& home, const Alias& sight, std::vector<Show>& shown);
  static bool granted(const Thing& thing, const std::string& sight, const std::vector<Show>& shown);

  std::map<std::string, std::vector<Place>> layers_;  // of overlays, by device
  std::vector<Mount> host_;
  std::vector<Thing> things_;
};

}  // namespace awf::mask
