#include "confine/confinement.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/privileges.hpp"
#include "common/service_lockdown.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "confine/command_filter.hpp"

namespace awf::confine {
namespace {

// A controlling terminal would let the command type into the caller's shell (TIOCSTI) and stop or
// signal its jobs. setsid(2) is refused to the leader of a process group, which is what an
// interactive shell makes of us; TIOCNOTTY is then the other way to the same end.
void leave_terminal() {
  if (::getsid(0) != ::getpid() && ::setsid() < 0) {
    const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (terminal) check(::ioctl(terminal.get(), TIOCNOTTY), "leaving the terminal");
  }
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  verify(!terminal, "there is no controlling terminal");
}

// For a terminal that is the command's own: job control and ^C work as in any terminal. The kernel
// gives it only to a session leader without one, and takes it from no other session (EPERM).
void take_terminal() {
  check(::ioctl(STDIN_FILENO, TIOCSCTTY, 0), "making standard input the controlling terminal");
  verify(::tcgetsid(STDIN_FILENO) == ::getpid(), "the terminal belongs to the command's session");
}

// openat(2) relative to an inherited directory reaches files outside the sandbox's view.
void refuse_directories_as_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat about {};
    if (::fstat(fd, &about) < 0) continue;  // Closed: nothing is inherited.
    if (S_ISDIR(about.st_mode)) {
      throw Refusal("descriptor " + std::to_string(fd) + " is a directory, a way out of the view");
    }
  }
}

std::vector<int> open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir("/proc/self/fd"), &::closedir);
  check(list ? 0 : -1, "opening /proc/self/fd");
  std::vector<int> fds;
  while (const dirent* entry = ::readdir(list.get())) {
    const auto fd = parse_number<unsigned>(entry->d_name);
    if (fd && static_cast<int>(*fd) != ::dirfd(list.get())) fds.push_back(static_cast<int>(*fd));
  }
  return fds;
}

void close_descriptors(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned first = STDERR_FILENO + 1;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept < first) continue;
    if (kept > first) {
      check(::syscall(SYS_close_range, first, kept - 1, 0U), "closing descriptors");
    }
    first = kept + 1;
  }
  check(::syscall(SYS_close_range, first, ~0U, 0U), "closing descriptors");
  for (const int fd : open_descriptors()) {
    verify(fd <= STDERR_FILENO || std::binary_search(keep.begin(), keep.end(), fd),
           "no descriptor is open but the standard and the named ones");
  }
}

// The soft limit is what select(2) can take (FD_SETSIZE); programs that want more raise it.
void limit_descriptors() {
  constexpr rlim_t kSoft = 1024;
  constexpr rlim_t kHard = 1048576;
  rlimit now{};
  check(::getrlimit(RLIMIT_NOFILE, &now), "reading the limit of descriptors");
  now.rlim_max = std::min(now.rlim_max, kHard);
  now.rlim_cur = std::min(now.rlim_max, kSoft);
  check(::setrlimit(RLIMIT_NOFILE, &now), "limiting descriptors");
  rlimit after{};
  check(::getrlimit(RLIMIT_NOFILE, &after), "reading the limit of descriptors");
  verify(after.rlim_max <= kHard && after.rlim_cur <= kSoft, "descriptors are limited");
}

template <typename Resource>
void set_limit(Resource resource, std::uint64_t limit, const std::string& what) {
  rlimit now{};
  check(::getrlimit(resource, &now), "reading the limit of " + what);
  const rlim_t wanted = std::min<rlim_t>(limit, now.rlim_max);
  now = {wanted, wanted};
  check(::setrlimit(resource, &now), "limiting " + what);
  check(::getrlimit(resource, &now), "reading the limit of " + what);
  verify(now.rlim_cur == wanted && now.rlim_max == wanted, what + " are limited");
}

// Awf ignores SIGXFSZ, and an ignored signal stays ignored across execve(2).
void set_caller_limits(const Confinement& wanted) {
  check(::signal(SIGXFSZ, SIG_DFL) == SIG_ERR ? -1 : 0, "resetting SIGXFSZ");
  if (wanted.process_limit) set_limit(RLIMIT_NPROC, *wanted.process_limit, "processes");
  if (wanted.file_size_limit) set_limit(RLIMIT_FSIZE, *wanted.file_size_limit, "sizes of files");
}

// When memory runs out, the command goes before the proxies and the runner. A courtesy to the
// machine and no protection, so that a kernel that refuses (proc(5): a limited container) is fine.
void offer_to_oom_killer() {
  constexpr const char* kFile = "/proc/self/oom_score_adj";
  constexpr int kScore = 500;
  const UniqueFd file(::open(kFile, O_RDWR | O_CLOEXEC));
  if (!file) return;
  const std::string now = read_rest(file.get(), 64, kFile);
  if (parse_number<unsigned>(trimmed(now)).value_or(0) >= kScore) return;
  const std::string wanted = std::to_string(kScore);
  (void)!::pwrite(file.get(), wanted.data(), wanted.size(), 0);
}

// keyrings(7): namespaces do not separate keyrings, and the session's one is inherited. The filter
// refuses keyctl(2) to the command; this keeps the kernel from searching the caller's keys for it.
// A kernel without keyrings, and one that refuses the call (a container's filter), share none.
void leave_session_keyring() {
  constexpr long kJoinSession = 1;  // KEYCTL_JOIN_SESSION_KEYRING; a nameless one is new.
  const long rc = ::syscall(SYS_keyctl, kJoinSession, nullptr);
  if (rc < 0 && errno != ENOSYS && errno != EPERM) {
    throw_system_failure("leaving the session keyring", errno);
  }
}

// capabilities(7): root is nobody special for execve and setuid any more, for good.
void lock_securebits() {
  if (!holds_capability(CAP_SETPCAP)) return;
  constexpr unsigned long kBits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                  SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                  SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  check(::prctl(PR_SET_SECUREBITS, kBits, 0L, 0L, 0L), "locking the securebits");
  verify(::prctl(PR_GET_SECUREBITS, 0L, 0L, 0L, 0L) == static_cast<int>(kBits),
         "the securebits are locked");
}

void verify_no_way_back(uid_t uid, gid_t gid) {
  if (uid != 0) verify(::setresuid(0, 0, 0) < 0, "the user cannot become root");
  if (gid != 0) verify(::setresgid(0, 0, 0) < 0, "the group cannot become root's");
}

}  // namespace

void confine_self(const Confinement& wanted) {
  check_leaks_while_possible();
  refuse_directories_as_standard_streams();
  leave_terminal();
  if (wanted.terminal) take_terminal();
  close_descriptors(wanted.keep_fds);
  forbid_core_files();
  limit_descriptors();
  set_caller_limits(wanted);
  offer_to_oom_killer();
  leave_session_keyring();
  // These two need CAP_SETPCAP, the next two CAP_SETGID and CAP_SETUID, of which nothing is left
  // afterwards.
  lock_securebits();
  drop_bounding_set({});
  set_supplementary_groups(wanted.groups, false);
  change_gid(wanted.gid);
  change_uid(wanted.uid);
  drop_capabilities({});
  verify_no_way_back(wanted.uid, wanted.gid);
  forbid_new_privileges();
  // Last: the steps above make calls that it refuses.
  install_command_filter();
}

}  // namespace awf::confine
