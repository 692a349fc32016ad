// What /proc/self/mountinfo says, and under which other paths a file can be seen. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace awf::mask {

// A directory or file of a file system, wherever it is mounted.
struct Place {
  std::string device;  // "254:0": one file system, however often it is mounted
  std::string path;    // within the file system
};

// One line of proc(5), /proc/PID/mountinfo; octal escapes undone.
struct Mount {
  std::uint64_t id = 0;  // as statx(2) reports it (STATX_MNT_ID)
  std::string device;
  std::string root;         // the directory of the file system that is shown …
  std::string mount_point;  // … and where
  std::string options;      // of this mount: "ro,nosuid"
  std::string type;
  std::string source;
  std::string filesystem_options;  // "rw,lowerdir=/a:/b", its escapes left as they are
  // Other places that this file system shows at its own root, if it is an overlay whose layers are
  // known. parse_mount_table leaves it empty.
  std::vector<Place> layers;

  [[nodiscard]] bool read_only() const;
};

// In the order of the file: a mount that covers another one comes after it. Lines of another form
// are refused, since an unread line could be the one that matters.
std::vector<Mount> parse_mount_table(std::string_view mountinfo);

// "/a", "b" is "/a/b"; "/", "b" is "/b".
std::string join(std::string_view directory, std::string_view name);

// `path` seen from `old_top`, moved to `new_top`: precondition is_at_or_below(path, old_top).
std::string moved(std::string_view path, std::string_view old_top, std::string_view new_top);

// Where a path lies on its file system: of all mounts that contain it the deepest, and of those the
// last.
std::optional<Place> locate(const std::vector<Mount>& mounts, std::string_view path);

// The same and, when that is on an overlay, where it lies in each of its layers.
std::vector<Place> places_of(const std::vector<Mount>& mounts, std::string_view path);

// The directories that an overlay says it is made of, as given when it was mounted; none for
// another file system.
std::vector<std::string> overlay_directories(const Mount& mount);

// Another sight of a place: all of it, or only a part (`part` names the path below the place).
struct Alias {
  std::string path;
  std::string part;        // "" = the whole place is seen at `path`
  std::uint64_t mount_id;  // of the mount that shows it
};
// Every mount that shows `place`, a directory above it or one below it, itself or as a layer.
// Whether the alias can be reached, or is covered by a later mount, only the file system can tell:
// by the id of the mount that a path ends on.
std::vector<Alias> aliases_of(const std::vector<Mount>& mounts, const Place& place);

}  // namespace awf::mask
