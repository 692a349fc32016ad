// Making the directories and files on which something is mounted.
#pragma once

#include <sys/types.h>

#include <string>

#include "common/unique_fd.hpp"

namespace awf::mask {

struct Ids {
  uid_t uid;
  gid_t gid;
};

// While it lives, modes are taken as written.
class FreeUmask {
 public:
  FreeUmask() noexcept;
  FreeUmask(const FreeUmask&) = delete;
  FreeUmask& operator=(const FreeUmask&) = delete;
  ~FreeUmask();

 private:
  mode_t before_;
};

// Everything that is missing of a directory, 0755, owned by `owner`.
void make_directories(const std::string& path, Ids owner);

// A file with this content, 0644, in a directory that is made if it is missing.
void make_file(const std::string& path, const std::string& content, Ids owner);

// What a mount at `path` needs: something of its kind that exists. Below a private directory or the
// home it is made; anywhere else the tree is read-only, and a missing path is refused with the
// remedy.
void make_mount_point(const std::string& path, bool is_directory, Ids owner);

// The same for a place that the user named, and holds it (O_PATH). No symbolic link on the way is
// followed, since an earlier command may have made it where it could write: it would lead the
// mount, or what root makes for it, elsewhere (openat2(2), Linux 5.6). Throws Refusal for a link.
UniqueFd make_named_mount_point(const std::string& path, bool is_directory, Ids owner);

bool is_directory(const std::string& path);       // links followed
bool is_real_directory(const std::string& path);  // not a link to one

}  // namespace awf::mask
