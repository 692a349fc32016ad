#include "common/file.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/check.hpp"

namespace awf {

Pipe make_pipe(int flags) {
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC | flags), "making a pipe");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string read_rest(int fd, std::size_t limit, std::string_view what) {
  std::string content;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    check(got, "reading " + std::string(what));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > limit) {
      throw Refusal(std::string(what) + " is larger than " + std::to_string(limit) + " bytes");
    }
  }
}

std::string read_file(const std::string& path, std::size_t limit) {
  const UniqueFd fd(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "opening " + path));
  return read_rest(fd.get(), limit, path);
}

std::optional<std::string> read_file_if_there(const std::string& path, std::size_t limit) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  check(fd.get(), "opening " + path);
  return read_rest(fd.get(), limit, path);
}

void write_all(int fd, std::string_view data, std::string_view what) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    check(written, "writing " + std::string(what));
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

void write_control_file(const std::string& path, std::string_view data) {
  const UniqueFd fd(check(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "opening " + path));
  const ssize_t written = check(::write(fd.get(), data.data(), data.size()), "writing " + path);
  verify(static_cast<std::size_t>(written) == data.size(), path + " took the whole value");
}

UniqueFd make_sealed_file(const char* name, std::string_view content) {
  UniqueFd fd(check(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), "making a memory file"));
  write_all(fd.get(), content, name);
  check(::lseek(fd.get(), 0, SEEK_SET), "rewinding a memory file");
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  check(::fcntl(fd.get(), F_ADD_SEALS, kSeals), "sealing a memory file");
  return fd;
}

void set_close_on_exec(int fd, bool on) {
  check(::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0), "setting close-on-exec");
}

void close_on_exec_except(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned first = 3;
  const auto mark = [](unsigned from, unsigned to) {
    if (from > to) return;
    // glibc has close_range from 2.34; Debian 12 and Ubuntu 22.04 do, the call itself is Linux 5.9,
    // its CLOEXEC flag 5.11.
    check(::syscall(SYS_close_range, from, to, CLOSE_RANGE_CLOEXEC), "marking descriptors");
  };
  for (const int fd : keep) {
    if (fd < 3) continue;
    const auto kept = static_cast<unsigned>(fd);
    if (kept > first) mark(first, kept - 1);
    first = kept + 1;
  }
  mark(first, ~0U);
}

}  // namespace awf
