#include "awf/process_finder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "common/text.hpp"

namespace awf::supervisor {
namespace {

using std::chrono::steady_clock;

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory(int at, const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::openat(at, path.c_str(), kFlags));
  DIR* directory = fd ? ::fdopendir(fd.get()) : nullptr;
  if (directory != nullptr) (void)fd.release();  // owned by the directory stream now
  return {directory, &::closedir};
}

// The first bytes of a file of /proc; empty when it cannot be read.
std::string read_start(int at, const std::string& path) {
  const UniqueFd file(::openat(at, path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  std::array<char, 64> bytes{};
  const ssize_t got = file ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
  return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

bool holds(int proc, unsigned pid, std::string_view wanted, steady_clock::time_point deadline) {
  const auto descriptors = open_directory(proc, std::to_string(pid) + "/fd");
  if (!descriptors) return false;
  while (const dirent* entry = ::readdir(descriptors.get())) {
    std::array<char, 64> target{};
    const ssize_t size =
        ::readlinkat(::dirfd(descriptors.get()), entry->d_name, target.data(), target.size());
    if (size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == wanted) {
      return true;
    }
    if (steady_clock::now() > deadline) return false;
  }
  return false;
}

// The youngest first: what was just refused was most likely just started, and may end with that.
std::vector<unsigned> numbers_of_processes(int proc) {
  std::vector<unsigned> numbers;
  const auto processes = open_directory(proc, ".");
  if (!processes) return numbers;
  while (const dirent* entry = ::readdir(processes.get())) {
    if (const auto pid = parse_number<unsigned>(entry->d_name)) numbers.push_back(*pid);
  }
  std::reverse(numbers.begin(), numbers.end());
  return numbers;
}

std::string name_of(int proc, unsigned pid) {
  std::string name = read_start(proc, std::to_string(pid) + "/comm");
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

}  // namespace

// Through PID 1's root: that is the procfs of its namespaces, and PID 1 cannot be influenced from
// inside. The outer half of awf-exit-relay has no other child.
bool ProcessFinder::open_process_view() {
  if (proc_) return true;
  const std::string chain = std::to_string(chain_);
  const std::string children =
      read_start(AT_FDCWD, "/proc/" + chain + "/task/" + chain + "/children");
  const auto init =
      parse_number<unsigned>(std::string_view(children).substr(0, children.find(' ')));
  if (!init) return false;
  const std::string path = "/proc/" + std::to_string(*init) + "/root/proc";
  proc_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return static_cast<bool>(proc_);
}

std::optional<FoundProcess> ProcessFinder::holder_of_socket(std::uint64_t inode) {
  if (!open_process_view()) return std::nullopt;
  const auto deadline = steady_clock::now() + time_limit_;
  const std::string wanted = "socket:[" + std::to_string(inode) + "]";
  for (const unsigned pid : numbers_of_processes(proc_.get())) {
    if (holds(proc_.get(), pid, wanted, deadline)) {
      return FoundProcess{pid, name_of(proc_.get(), pid)};
    }
    if (steady_clock::now() > deadline) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace awf::supervisor
