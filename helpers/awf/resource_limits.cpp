#include "awf/resource_limits.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>

#include "awf/options.hpp"
#include "common/check.hpp"
#include "common/text.hpp"
#include "policy/upload_limit.hpp"

namespace awf::supervisor {
namespace {

// Room for parallel JVM builds and browsers, and far from what a machine can hold (pid_max is 32768
// on a small one).
constexpr std::uint64_t kDefaultProcesses = 4096;
// More than the kernel ever has (PID_MAX_LIMIT).
constexpr std::uint64_t kMostProcesses = 4194304;
// Awf's own programs have to start below it.
constexpr std::uint64_t kLeastMemory = std::uint64_t{16} << 20U;

// "6g", "512M", "100b", "1048576".
std::uint64_t parse_memory(const std::string& given) {
  std::string text = given;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (!text.empty() && text.back() == 'B') text.pop_back();
  const auto bytes = policy::parse_byte_count(text);
  if (!bytes) throw Refusal("--memory-limit " + quoted(given) + " " + bytes.error());
  if (*bytes < kLeastMemory) {
    throw Refusal("--memory-limit " + quoted(given) + " is below 16M, which the sandbox needs");
  }
  return *bytes;
}

std::uint64_t parse_processes(const std::string& text) {
  const auto number = parse_number<std::uint64_t>(text);
  if (!number || *number == 0 || *number > kMostProcesses) {
    throw Refusal("--pids-limit " + quoted(text) + " is not a number from 1 to " +
                  std::to_string(kMostProcesses));
  }
  return *number;
}

std::string shown_bytes(std::uint64_t bytes) {
  constexpr std::uint64_t kMebi = std::uint64_t{1} << 20U;
  if (bytes % kMebi == 0) return std::to_string(bytes / kMebi) + "M";
  return std::to_string(bytes);
}

}  // namespace

CgroupLimits ResourceLimits::for_cgroup() const {
  CgroupLimits limits;
  limits.memory = memory;
  if (!processes_by_rlimit) limits.processes = processes + kOwnProcesses;
  return limits;
}

ResourceLimits judged_resource_limits(const Options& options, const Identity& identity) {
  ResourceLimits limits;
  if (options.memory_limit) limits.memory = parse_memory(*options.memory_limit);
  limits.processes_asked = options.pids_limit.has_value();
  limits.processes = options.pids_limit ? parse_processes(*options.pids_limit) : kDefaultProcesses;
  limits.processes_by_rlimit = identity.mode == Mode::kRootless && identity.uid != 0;
  return limits;
}

std::string shown_memory(const ResourceLimits& limits) {
  return "--memory-limit " + shown_bytes(limits.memory.value());
}

std::string describe_limits(const ResourceLimits& limits) {
  std::string text = "at most " + std::to_string(limits.processes) + " processes and threads";
  if (limits.memory) text += ", " + shown_bytes(*limits.memory) + " of memory and swap";
  return text;
}

std::optional<std::uint64_t> lift_file_size_limit() {
  check(::signal(SIGXFSZ, SIG_IGN) == SIG_ERR ? -1 : 0, "ignoring SIGXFSZ");
  rlimit now{};
  check(::getrlimit(RLIMIT_FSIZE, &now), "reading the limit of file sizes");
  if (now.rlim_cur == RLIM_INFINITY) return std::nullopt;
  rlimit lifted{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_FSIZE, &lifted) < 0) {
    lifted = {now.rlim_max, now.rlim_max};
    check(::setrlimit(RLIMIT_FSIZE, &lifted), "lifting the limit of file sizes");
  }
  return now.rlim_cur;
}

}  // namespace awf::supervisor
