#include "awf/run_cgroup.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

constexpr std::string_view kPrefix = "awf-";
constexpr std::size_t kSmallFile = 4096;
constexpr std::size_t kProcessList = std::size_t{64} << 20U;  // more than PID_MAX_LIMIT lines

std::string unique_name() {
  std::uint64_t random = 0;
  check(::getrandom(&random, sizeof random, 0), "reading random bytes");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name = std::string(kPrefix) + std::to_string(::getpid()) + "-";
  for (int i = 0; i < 8; ++i, random >>= 4U)
    name += kDigits[random & 0xfU];
  return name;
}

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool lock(const UniqueFd& directory) {
  return directory && ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0;
}

// The place from which another run may have removed it again before we had the lock.
bool is_still_there(const std::string& path, const UniqueFd& directory) {
  struct stat by_name {};
  struct stat by_fd {};
  return ::stat(path.c_str(), &by_name) == 0 && ::fstat(directory.get(), &by_fd) == 0 &&
         by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev;
}

[[noreturn]] void refuse(const std::string& doing, int error) {
  throw Refusal(doing + ": " + std::generic_category().message(error) +
                "; a limit needs a cgroup that may be written to: run awf with sudo, or by "
                "\"systemd-run --user --scope -p Delegate=yes awf ...\"");
}

std::vector<std::string> words_of(const std::string& file) {
  std::vector<std::string> words;
  for (const auto word : split(trimmed(read_file(file, kSmallFile)), ' '))
    words.emplace_back(word);
  return words;
}

bool has_all(const std::vector<std::string>& words, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  });
}

// The kernel rounds bytes down to pages; more than that is another limit than the one asked for.
void set_limit(const std::string& file, std::uint64_t limit) {
  constexpr std::uint64_t kLargestPage = 65536;
  try {
    write_control_file(file, std::to_string(limit));
  } catch (const SystemFailure& failure) {
    refuse("setting " + file, failure.error_number());
  }
  const auto now = parse_number<std::uint64_t>(trimmed(read_file(file, kSmallFile)));
  verify(now && *now <= limit && limit - *now < kLargestPage, file + " holds the limit");
}

bool exists(const std::string& file) {
  std::error_code unreadable;  // then it is of no use either
  return fs::exists(file, unreadable);
}

// Swap is memory too: without this, the limit would only decide where the pages lie.
void limit_memory(const std::string& directory, bool unified, std::uint64_t bytes) {
  if (unified) {
    set_limit(directory + "/memory.max", bytes);
    if (exists(directory + "/memory.swap.max")) set_limit(directory + "/memory.swap.max", 0);
    return;
  }
  set_limit(directory + "/memory.limit_in_bytes", bytes);
  const std::string with_swap = directory + "/memory.memsw.limit_in_bytes";
  if (exists(with_swap)) set_limit(with_swap, bytes);
}

// A line "KEY NUMBER" of a file of counts.
std::uint64_t count_in(const std::string& file, std::string_view key) {
  const auto text = read_file_if_there(file, kSmallFile);
  if (!text) return 0;
  for (const auto line : split(*text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() == 2 && words[0] == key) {
      return parse_number<std::uint64_t>(words[1]).value_or(0);
    }
  }
  return 0;
}

std::vector<pid_t> processes_in(const std::string& directory) {
  std::vector<pid_t> processes;
  for (const auto line : split(read_file(directory + "/cgroup.procs", kProcessList), '\n')) {
    // 0 stands for a process that our own pid namespace does not show.
    if (const auto pid = parse_number<unsigned>(line); pid && *pid != 0) {
      processes.push_back(static_cast<pid_t>(*pid));
    }
  }
  return processes;
}

// By pidfd, and only when the number still stands for a member after that: a number that was
// taken again by a process elsewhere is not signalled.
void kill_members(const std::string& directory) {
  std::vector<std::pair<pid_t, UniqueFd>> found;
  for (const pid_t pid : processes_in(directory)) {
    found.emplace_back(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))));
  }
  const auto members = processes_in(directory);
  for (const auto& [pid, pidfd] : found) {
    if (!pidfd || std::find(members.begin(), members.end(), pid) == members.end()) continue;
    // The only failure left is that it has ended.
    (void)::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0U);
  }
}

}  // namespace

std::string find_unified_parent(const CgroupLayout::Unified& unified,
                                const std::vector<std::string>& controllers) {
  for (std::string directory = unified.own;;) {
    if (has_all(words_of(directory + "/cgroup.subtree_control"), controllers)) return directory;
    if (directory == unified.top) break;
    directory = fs::path(directory).parent_path().string();
  }
  const std::string file = unified.top + "/cgroup.subtree_control";
  const std::string asking = "asking " + file + " for the controller ";
  for (const auto& controller : controllers) {
    try {
      write_control_file(file, "+" + controller);
    } catch (const SystemFailure& failure) {
      refuse(asking + controller, failure.error_number());
    }
  }
  return unified.top;
}

void reclaim_stale(const std::string& parent) {
  std::error_code unreadable;  // then there is nothing that we could remove
  for (const auto& entry : fs::directory_iterator(parent, unreadable)) {
    const std::string name = entry.path().filename().string();
    if (name.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    const UniqueFd directory = open_directory(entry.path().string());
    // Locked: its run lives. Not empty (EBUSY): its processes do.
    if (lock(directory)) (void)::rmdir(entry.path().c_str());
  }
}

void RunCgroup::make_part(const std::string& parent, bool unified, const CgroupLimits& limits) {
  reclaim_stale(parent);
  for (;;) {
    const std::string path = parent + "/" + unique_name();
    if (::mkdir(path.c_str(), 0755) < 0) {
      if (errno == EEXIST) continue;
      refuse("making the cgroup " + path, errno);
    }
    UniqueFd directory = open_directory(path);
    if (!lock(directory) || !is_still_there(path, directory)) continue;
    parts_.push_back({path, std::move(directory), unified, limits.memory.has_value(),
                      limits.processes.has_value()});
    break;
  }
  const std::string& path = parts_.back().directory;
  if (limits.memory) limit_memory(path, unified, *limits.memory);
  if (limits.processes) set_limit(path + "/pids.max", *limits.processes);
}

RunCgroup RunCgroup::make(const CgroupLayout& layout, const CgroupLimits& limits) {
  RunCgroup cgroup;
  CgroupLimits of_unified;
  std::vector<std::string> controllers;
  const auto sort_out = [&](const char* controller,
                            std::optional<std::uint64_t> CgroupLimits::*limit) {
    if (!(limits.*limit)) return;
    const auto legacy = layout.legacy.find(controller);
    if (legacy == layout.legacy.end()) {
      of_unified.*limit = limits.*limit;
      controllers.emplace_back(controller);
      return;
    }
    CgroupLimits alone;
    alone.*limit = limits.*limit;
    cgroup.make_part(legacy->second, false, alone);
  };
  try {
    sort_out("memory", &CgroupLimits::memory);
    sort_out("pids", &CgroupLimits::processes);
    if (of_unified.any()) {
      if (!layout.unified) {
        throw Refusal("this machine shows no cgroup with the controller " + controllers.front() +
                      " (/proc/self/mountinfo); mount cgroup2 on /sys/fs/cgroup");
      }
      cgroup.make_part(find_unified_parent(*layout.unified, controllers), true, of_unified);
    }
  } catch (const std::exception&) {
    (void)cgroup.remove_parts();
    throw;
  }
  return cgroup;
}

void RunCgroup::place(pid_t process) const {
  for (const auto& part : parts_)
    write_control_file(part.directory + "/cgroup.procs", std::to_string(process));
}

bool RunCgroup::holds(pid_t process) const {
  return std::all_of(parts_.begin(), parts_.end(), [&](const Part& part) {
    const auto members = processes_in(part.directory);
    return std::find(members.begin(), members.end(), process) != members.end();
  });
}

CgroupEvents RunCgroup::events() const {
  CgroupEvents events;
  for (const auto& part : parts_) {
    if (part.memory) {
      events.killed_for_memory += count_in(
          part.directory + (part.unified ? "/memory.events" : "/memory.oom_control"), "oom_kill");
    }
    if (part.processes) events.refused_forks += count_in(part.directory + "/pids.events", "max");
  }
  return events;
}

void RunCgroup::kill_all() const {
  for (const auto& part : parts_) {
    if (part.unified && exists(part.directory + "/cgroup.kill")) {  // Linux 5.14
      write_control_file(part.directory + "/cgroup.kill", "1");
      continue;
    }
    // No forks any more, so that the list below gets shorter only.
    if (part.processes) write_control_file(part.directory + "/pids.max", "0");
    kill_members(part.directory);
  }
}

bool RunCgroup::remove_parts() {
  parts_.erase(std::remove_if(parts_.begin(), parts_.end(),
                              [](const Part& part) {
                                return ::rmdir(part.directory.c_str()) == 0 || errno == ENOENT;
                              }),
               parts_.end());
  return parts_.empty();
}

bool RunCgroup::remove() {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + std::chrono::minutes(1);
  while (!remove_parts()) {
    if (steady_clock::now() > deadline) return false;
    kill_all();
    // cgroupfs of v1 tells nobody when a process has left.
    constexpr int kMilliseconds = 2;
    (void)::poll(nullptr, 0, kMilliseconds);
  }
  return true;
}

}  // namespace awf::supervisor
