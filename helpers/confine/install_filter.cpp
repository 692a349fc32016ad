#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "common/check.hpp"
#include "confine/command_filter.hpp"

namespace awf::confine {

void install_command_filter() {
  // seccomp(2) takes a pointer to what it does not change.
  std::vector<sock_filter> program(command_filter().begin(), command_filter().end());
  const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
  check(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0U, &loaded), "installing the filter");
  constexpr int kFilterMode = 2;
  verify(::prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) == kFilterMode, "a system call filter is active");
  // unshare(0) does nothing and succeeds for everybody whom no filter stops.
  verify(::syscall(SYS_unshare, 0) < 0 && errno == EPERM, "the system call filter refuses");
}

}  // namespace awf::confine
