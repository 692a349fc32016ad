// Hiding files under every path that shows them, and proving it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "credential-mask/hidden_paths.hpp"
#include "credential-mask/mount_table.hpp"
#include "credential-mask/options.hpp"

namespace awf::mask {

// The same file can be seen under several paths: through bind mounts of the host, through --mount
// of a directory above it, in a workspace. Each is found by the file system it lies on and its path
// there, and counts as seen when the path ends on the very mount that shows it (statx(2),
// STATX_MNT_ID, Linux 5.8): a mount on top, or an absent name, ends elsewhere.
class Concealment {
 public:
  // Looks where everything lies, while the host's tree is in sight. `home` is empty when the
  // command's home is not an overlay.
  Concealment(const std::string& home, const HiddenPaths& hidden,
              const std::vector<std::string>& private_directories);

  // Covers every sight; another sight of the home shows its view, read-only. What was asked for by
  // name is not covered: a `shown` tree whose source is the hidden path or lies below it. Targets
  // are canonical. Returns `shown` and where those of its targets that lie in the home are seen
  // besides. Needs a private, writable /run.
  [[nodiscard]] std::vector<Show> conceal(std::vector<Show> shown) const;

  // Throws Refusal when anything is still seen, or /proc/self/root leads elsewhere.
  void verify(const std::vector<Show>& shown) const;

 private:
  struct Thing {
    enum class Cover : std::uint8_t { kFile, kDirectory, kHomeView };
    std::string path;
    Place place;
    Cover cover;
  };

  void show_home_view(const Alias& sight, std::vector<Show>& shown) const;
  static bool granted(const Thing& thing, const std::string& sight, const std::vector<Show>& shown);

  std::string home_;
  std::vector<Thing> things_;
};

}  // namespace awf::mask
