#include "credential-mask/places.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

// Nothing, with errno, when it cannot be opened.
UniqueFd try_open_place(int directory, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  return UniqueFd(static_cast<int>(
      ::syscall(SYS_openat2, directory, path.empty() ? "/" : path.c_str(), &how, sizeof how)));
}

void verify_kind(const std::string& path, const struct stat& status, bool is_directory_wanted) {
  if (S_ISDIR(status.st_mode) == is_directory_wanted) return;
  throw Refusal(
      quoted(path) +
      (is_directory_wanted ? " is a file, and a directory" : " is a directory, and a file") +
      " is to be shown there");
}

// In a directory that is held open, so that nobody can put a link on the way to it.
UniqueFd make_in(const UniqueFd& parent, const std::string& path, bool is_directory, Ids owner) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (is_directory) {
    if (::mkdirat(parent.get(), name.c_str(), 0755) != 0) refuse_place(path, errno);
  } else {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    if (!UniqueFd(::openat(parent.get(), name.c_str(), kFlags, 0644))) refuse_place(path, errno);
  }
  if (owner.uid != ::geteuid() || owner.gid != ::getegid()) {
    check(::fchownat(parent.get(), name.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW),
          "giving " + path + " to the command");
  }
  UniqueFd made = try_open_place(parent.get(), name);
  check(made.get(), "opening " + path);
  return made;
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
  verify_kind(path, status, is_directory_wanted);
}

UniqueFd make_named_mount_point(const std::string& path, bool is_directory, Ids owner) {
  UniqueFd place = try_open_place(AT_FDCWD, path);
  if (place) {
    struct stat status {};
    check(::fstat(place.get(), &status), "looking at " + path);
    verify_kind(path, status, is_directory);
    return place;
  }
  if (errno == ELOOP) {
    throw Refusal(
        "--mount: the way to " + quoted(path) +
        " leads through a symbolic link, which a command may have made; name the place itself");
  }
  if (errno != ENOENT) throw_system_failure("opening " + path, errno);
  return make_in(make_named_mount_point(parent_of(path), true, owner), path, is_directory, owner);
}

}  // namespace awf::mask
