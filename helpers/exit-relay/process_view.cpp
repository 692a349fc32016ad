#include "exit-relay/process_view.hpp"

#include <dirent.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::exit_relay {
namespace {

constexpr const char* kHostName = "awf";
constexpr unsigned long kInert = MS_NOSUID | MS_NODEV | MS_NOEXEC;

// Knobs of the whole machine: readable, never writable. With uid 0 inside, ownership of these files
// would be the only guard otherwise.
constexpr std::array kReadOnly = {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus",
                                  "/proc/fs"};

// Memory, keys, timers and hardware of the whole machine: PID namespaces do not separate them.
constexpr std::array kHidden = {
    "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",  "/proc/sched_debug",
    "/proc/scsi",  "/proc/acpi", "/proc/asound",        "/proc/timer_stats", "/proc/interrupts"};

void mount_at(const char* source, const char* target, const char* type, unsigned long flags,
              const char* data = nullptr) {
  check(::mount(source, target, type, flags, data), std::string("mounting on ") + target);
}

void verify_only_we_are_seen() {
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir("/proc"), &::closedir);
  check(list ? 0 : -1, "opening /proc");
  while (const dirent* entry = ::readdir(list.get())) {
    const auto pid = parse_number<unsigned long>(entry->d_name);
    verify(!pid || *pid == 1, "/proc shows no process from outside");
  }
}

void verify_fresh_proc() {
  struct statfs about {};
  check(::statfs("/proc", &about), "reading about /proc");
  verify(about.f_type == PROC_SUPER_MAGIC, "/proc is a process file system");
  std::array<char, 16> self{};
  const ssize_t length =
      check(::readlink("/proc/self", self.data(), self.size()), "reading /proc/self");
  verify(std::string_view(self.data(), static_cast<std::size_t>(length)) == "1",
         "/proc is that of our PID namespace");
  verify_only_we_are_seen();
  constexpr std::size_t kMuch = std::size_t{4} << 20U;
  const std::string table = read_file("/proc/self/mountinfo", kMuch);
  bool hides = false;
  // The last mount on a place is the one that is seen.
  for (const auto line : split(table, '\n')) {
    if (line.find(" /proc ") == std::string_view::npos) continue;
    hides = line.find("hidepid=invisible") != std::string_view::npos ||
            line.find("hidepid=2") != std::string_view::npos;
  }
  verify(hides, "/proc hides the processes of other users");
}

void make_read_only(const char* path) {
  if (::mount(path, path, nullptr, MS_BIND | MS_REC, nullptr) < 0) {
    if (errno == ENOENT) return;  // This kernel has no such file.
    throw_system_failure(std::string("covering ") + path, errno);
  }
  mount_at(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | kInert);
  struct statvfs about {};
  check(::statvfs(path, &about), std::string("reading about ") + path);
  verify((about.f_flag & ST_RDONLY) != 0, std::string(path) + " is read-only");
}

void hide(const char* path) {
  struct stat about {};
  if (::stat(path, &about) < 0) {
    if (errno == ENOENT) return;
    throw_system_failure(std::string("reading about ") + path, errno);
  }
  if (S_ISDIR(about.st_mode)) {
    mount_at("tmpfs", path, "tmpfs", MS_RDONLY | kInert, "size=4k,mode=555");
    struct statfs covered {};
    check(::statfs(path, &covered), std::string("reading about ") + path);
    verify(covered.f_type == TMPFS_MAGIC, std::string(path) + " is hidden");
    return;
  }
  mount_at("/dev/null", path, nullptr, MS_BIND);
  check(::stat(path, &about), std::string("reading about ") + path);
  verify(S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3),
         std::string(path) + " is hidden");
}

void set_host_name() {
  const std::string_view name = kHostName;
  check(::sethostname(name.data(), name.size()), "setting the host name");
  std::array<char, 65> now{};
  check(::gethostname(now.data(), now.size()), "reading the host name");
  verify(name == now.data(), "the host name is set");
}

}  // namespace

void enter_process_view() {
  // Private even when awf-mask-credentials made it so before: by hand we may run without it, and
  // a mount that propagates to the host would cover the host's /proc.
  check(::unshare(CLONE_NEWNS), "making a mount namespace");
  check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "making mounts private");
  mount_at("proc", "/proc", "proc", kInert, "hidepid=2");
  verify_fresh_proc();
  for (const char* path : kReadOnly) {
    make_read_only(path);
  }
  for (const char* path : kHidden) {
    hide(path);
  }
  set_host_name();
}

}  // namespace awf::exit_relay
