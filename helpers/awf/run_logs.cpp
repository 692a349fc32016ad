#include "awf/run_logs.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "common/check.hpp"
#include "common/file.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

void give_to(const std::string& path, int fd, const Identity& who) {
  if (who.mode != Mode::kPrivileged) return;
  check(::fchown(fd, who.uid, who.gid), "giving " + path + " to the command's user");
}

// Each missing level is made and given to the command's user; existing ones stay as they are.
void make_directories(const std::string& directory, const Identity& who) {
  fs::path path;
  for (const auto& part : fs::path(directory)) {
    path /= part;
    if (::mkdir(path.c_str(), 0755) < 0) {
      if (errno == EEXIST) continue;
      throw_system_failure("making the log directory " + path.string(), errno);
    }
    const UniqueFd fd(check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                            "opening " + path.string()));
    give_to(path.string(), fd.get(), who);
  }
}

// O_NOFOLLOW and the regular-file check: an earlier command may have planted something there.
UniqueFd open_log(const std::optional<std::string>& directory, const char* name,
                  const Identity& who) {
  if (!directory) {
    return UniqueFd(check(::memfd_create(name, MFD_CLOEXEC), "making a memory file"));
  }
  const std::string path = *directory + "/" + name;
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd fd(check(::open(path.c_str(), kFlags, 0644), "opening the log " + path));
  struct stat status {};
  check(::fstat(fd.get(), &status), "looking at " + path);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    throw Refusal("the log " + path +
                  " is not a file of its own; remove it or name another directory");
  }
  give_to(path, fd.get(), who);
  return fd;
}

const std::optional<std::string>& audit_directory_of(const RunConfig& config) {
  return config.audit_directory ? config.audit_directory : config.proxy_logs_directory;
}

}  // namespace

RunLogs RunLogs::open(const RunConfig& config) {
  const auto& audit_directory = audit_directory_of(config);
  const auto& access_directory =
      config.proxy_logs_directory ? config.proxy_logs_directory : config.audit_directory;
  for (const auto& directory : {audit_directory, access_directory}) {
    if (directory) make_directories(*directory, config.identity);
  }
  UniqueFd audit = open_log(audit_directory, "audit.jsonl", config.identity);
  UniqueFd access_log = open_log(access_directory, "access.log", config.identity);
  const off_t start = check(::lseek(audit.get(), 0, SEEK_END), "measuring audit.jsonl");
  return {std::move(audit), std::move(access_log), start};
}

void RunLogs::write_manifest(const RunConfig& config, std::string_view manifest) {
  const auto& directory = audit_directory_of(config);
  if (!directory) return;
  const UniqueFd file = open_log(directory, "policy-manifest.json", config.identity);
  check(::ftruncate(file.get(), 0), "emptying the policy manifest");
  write_all(file.get(), manifest, "writing the policy manifest");
}

std::string RunLogs::audit_of_this_run(std::size_t limit) const {
  std::string content;
  std::vector<char> buffer(65536);
  while (content.size() < limit) {
    const off_t from = audit_start_ + static_cast<off_t>(content.size());
    const ssize_t got =
        ::pread(audit_.get(), buffer.data(), std::min(buffer.size(), limit - content.size()), from);
    if (got < 0 && errno == EINTR) continue;
    check(got, "reading audit.jsonl");
    if (got == 0) break;
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return content;
}

}  // namespace awf::supervisor
