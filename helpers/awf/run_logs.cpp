#include "awf/run_logs.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "awf/log_place.hpp"
#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::supervisor {
namespace {

// Step by step and through no link: the path is canonical, so a link is what somebody put there
// since it was judged. Each missing level is made and given to the command's user.
UniqueFd open_directory(const std::string& path, const Identity& who) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const std::string what = "making or opening the log directory " + path;
  UniqueFd at(check(::open("/", kFlags), "opening /"));
  for (const auto part : split(path, '/')) {
    if (part.empty()) continue;
    const std::string name(part);
    const bool is_new = ::mkdirat(at.get(), name.c_str(), 0755) == 0;
    if (!is_new && errno != EEXIST) throw_system_failure(what, errno);
    // O_PATH where it exists: a directory on the way may be passed without being readable.
    const int flags = is_new ? kFlags : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    at.reset(check(::openat(at.get(), name.c_str(), flags), what));
    if (is_new && who.mode == Mode::kPrivileged) {
      check(::fchown(at.get(), who.uid, who.gid), what);
    }
  }
  return at;
}

UniqueFd open_file(const UniqueFd& directory, const std::string& path, const char* name,
                   const Identity& who) {
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const std::string file = path + "/" + name;
  UniqueFd fd(check(::openat(directory.get(), name, kFlags, 0644), "opening the log " + file));
  struct stat status {};
  check(::fstat(fd.get(), &status), "looking at " + file);
  // An earlier command may have planted a pipe, or a second name for another file.
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    throw Refusal("the log " + quoted(file) +
                  " is not a file of its own; remove it or name another directory");
  }
  if (who.mode == Mode::kPrivileged) {
    check(::fchown(fd.get(), ::geteuid(), ::getegid()), "taking " + file + " for the run");
    check(::fchmod(fd.get(), 0644), "setting the mode of " + file);
  }
  return fd;
}

UniqueFd memory_file(const char* name) {
  return UniqueFd(check(::memfd_create(name, MFD_CLOEXEC), "making a memory file"));
}

}  // namespace

void RunLogs::open_audit(const std::string& path, const Identity& who) {
  const UniqueFd directory = open_directory(path, who);
  audit_ = open_file(directory, path, kAuditName, who);
  manifest_ = open_file(directory, path, kManifestName, who);
  workspace_report_ = open_file(directory, path, kWorkspaceReportName, who);
  for (const auto* file : {&manifest_, &workspace_report_})
    check(::ftruncate(file->get(), 0), "emptying an earlier run's report");
  audit_start_ = check(::lseek(audit_.get(), 0, SEEK_END), "measuring audit.jsonl");
}

RunLogs RunLogs::open(const RunConfig& config) {
  const auto& who = config.identity;
  const auto& audit = config.audit_directory ? config.audit_directory : config.proxy_logs_directory;
  const auto& access =
      config.proxy_logs_directory ? config.proxy_logs_directory : config.audit_directory;
  RunLogs logs;
  if (who.mode == Mode::kPrivileged) logs.heir_ = who;
  if (!audit) {
    logs.audit_ = memory_file(kAuditName);
    logs.access_log_ = memory_file(kAccessLogName);
    return logs;
  }
  logs.open_audit(*audit, who);
  logs.access_log_ = open_file(open_directory(*access, who), *access, kAccessLogName, who);
  return logs;
}

RunLogs::~RunLogs() {
  if (!heir_) return;
  for (const auto* file : {&audit_, &access_log_, &manifest_, &workspace_report_}) {
    // Who cannot have it can still read it.
    if (*file) (void)!::fchown(file->get(), heir_->uid, heir_->gid);
  }
}

void RunLogs::write_manifest(std::string_view manifest) const {
  if (manifest_) write_all(manifest_.get(), manifest, "writing the policy manifest");
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
