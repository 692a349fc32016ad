// Which processes live on the machine, seen from outside.
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "support/world.hpp"

namespace awf::test_world {
namespace {

namespace fs = std::filesystem;

ino_t inode_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? info.st_ino : 0;
}

// Whether the process lives in the pid namespace or one below it (ioctl_ns(2), NS_GET_PARENT).
bool lives_in(pid_t pid, ino_t pid_namespace) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/pid";
  UniqueFd level(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  while (level) {
    if (inode_of(level.get()) == pid_namespace) return true;
    level.reset(::ioctl(level.get(), NS_GET_PARENT));
  }
  return false;
}

// Nothing when the process has ended: then the open fails with ENOENT or the read with ESRCH
// (proc(5)), at whichever of the two it went.
std::optional<std::string> text_of(pid_t pid, const char* what) {
  constexpr std::size_t kMaxText = 4UL << 20;
  try {
    return read_file("/proc/" + std::to_string(pid) + "/" + what, kMaxText);
  } catch (const SystemFailure& failure) {
    if (failure.error_number() == ENOENT || failure.error_number() == ESRCH) return std::nullopt;
    throw;
  }
}

}  // namespace

std::vector<MachineProcess> World::processes() const {
  const ino_t machine = inode_of(machine_pid_namespace_.get());
  std::vector<MachineProcess> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto pid = parse_number<unsigned>(entry.path().filename().string());
    if (!pid || static_cast<pid_t>(*pid) == machine_pid_) continue;
    const auto candidate = static_cast<pid_t>(*pid);
    if (!lives_in(candidate, machine)) continue;
    const auto name = text_of(candidate, "comm");
    auto words = text_of(candidate, "cmdline");
    if (!name || !words || *name == "world-caller\n") continue;
    std::replace(words->begin(), words->end(), '\0', ' ');
    found.push_back({candidate, words->empty() ? *name : *words});
  }
  return found;
}

bool World::all_processes_end(std::chrono::milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto alive = processes();
    if (alive.empty()) return true;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, alive.front().pid, 0U)));
    pollfd waited{pidfd.get(), POLLIN, 0};
    // A failed pidfd_open (it is gone) makes poll ignore the entry and return at once.
    if (pidfd) (void)::poll(&waited, 1, static_cast<int>(left.count()));
  }
}

}  // namespace awf::test_world
