#include "credential-mask/places.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace awf::mask {
namespace {

void give(const std::string& path, Ids owner) {
  if (owner.uid == ::geteuid() && owner.gid == ::getegid()) return;
  check(::lchown(path.c_str(), owner.uid, owner.gid), "giving " + path + " to the command");
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

[[noreturn]] void refuse_place(const std::string& path, int reason) {
  if (reason != EROFS) throw_system_failure("making " + path, reason);
  throw Refusal(quoted(path) +
                " does not exist on the host, whose tree is read-only inside; choose a target that "
                "exists, or one below /tmp or the home");
}

}  // namespace

FreeUmask::FreeUmask() noexcept : before_(::umask(0)) {}

FreeUmask::~FreeUmask() {
  (void)::umask(before_);
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_real_directory(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void make_directories(const std::string& path, Ids owner) {
  if (is_directory(path)) return;
  make_directories(parent_of(path), owner);
  if (::mkdir(path.c_str(), 0755) != 0) refuse_place(path, errno);
  give(path, owner);
}

void make_file(const std::string& path, const std::string& content, Ids owner) {
  make_directories(parent_of(path), owner);
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd) refuse_place(path, errno);
  write_all(fd.get(), content, path);
  give(path, owner);
}

void make_mount_point(const std::string& path, bool is_directory_wanted, Ids owner) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (is_directory_wanted) return make_directories(path, owner);
    return make_file(path, "", owner);
  }
  if (S_ISDIR(status.st_mode) != is_directory_wanted) {
    throw Refusal(
        quoted(path) +
        (is_directory_wanted ? " is a file, and a directory" : " is a directory, and a file") +
        " is to be shown there");
  }
}

}  // namespace awf::mask
