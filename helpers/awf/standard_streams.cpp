#include "awf/standard_streams.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

struct stat about(int fd) {
  struct stat status {};
  check(::fstat(fd, &status), "looking at a standard stream");
  return status;
}

}  // namespace

bool may_be_handed_over(int fd) {
  const auto status = about(fd);
  if (S_ISFIFO(status.st_mode) || S_ISDIR(status.st_mode)) return true;
  if (!S_ISCHR(status.st_mode)) return false;
  return status.st_rdev == makedev(1, 3) || ::isatty(fd) == 1;
}

bool are_one_file(int first, int second) {
  const auto a = about(first);
  const auto b = about(second);
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace awf::supervisor
