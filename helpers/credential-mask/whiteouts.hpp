// The layer of an overlay that makes names absent.
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace awf::mask {

// "/proc/self/fd/N": how mount options name what only a descriptor holds.
std::string through_fd(int fd);

// Makes the directory `fd` look like the one at `path`: owner, mode. Where an access control list
// says more than the mode, the group gets nothing, since the list is not copied.
void copy_owner_and_mode(int fd, const std::string& path);

// A directory full of whiteouts (character devices 0/0: overlayfs.rst, "whiteouts and opaque
// directories"), to be laid above the directory that it is about. Made by hand (mknod, permitted in
// a user namespace since Linux 5.8) and not by deleting in the mounted overlay: a directory such as
// ~/.config/gcloud would have to be emptied first, which costs time in proportion to its content,
// and a name that does not exist yet cannot be deleted. It is a lower layer and not the upper one,
// so that a hidden name can be made anew by mkdir(2) where extended attributes are not to be had
// (memory file systems before Linux 6.6, in a user namespace).
class WhiteoutLayer {
 public:
  // Makes `name` in the directory `staging`, which stays open meanwhile, on behalf of the directory
  // `base`.
  WhiteoutLayer(int staging, const std::string& name, std::string base);

  // `path` is strictly below the base, its parent directory exists, and nothing above it is hidden.
  void hide(const std::string& path);

  [[nodiscard]] int fd() const { return root_.get(); }

 private:
  const UniqueFd& directory(const std::string& path);

  std::string base_;
  int staging_;
  UniqueFd root_;
  // The directory that was asked for last: paths come sorted.
  std::string last_path_;
  UniqueFd last_;
};

// A new directory in another one, which must not exist yet.
UniqueFd make_layer_directory(int at, const std::string& name);

}  // namespace awf::mask
