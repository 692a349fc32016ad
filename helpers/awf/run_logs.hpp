// The files that the egress proxy writes and the supervisor reads at the end.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "awf/run_config.hpp"
#include "common/unique_fd.hpp"

namespace awf::supervisor {

// audit.jsonl lies in --audit-dir, access.log in --proxy-logs-dir; with only one of the two given,
// both lie there; with none they are memory files, and nothing is left on disk. Existing files are
// appended to: a job may run awf twice with the same directories.
class RunLogs {
 public:
  // Makes missing directories (0755) and files (0644), owned by the command's user so that later
  // steps of a job can read and remove them. Throws SystemFailure, or Refusal for a symbolic link
  // in the place of a file.
  static RunLogs open(const RunConfig& config);

  [[nodiscard]] int audit_fd() const noexcept { return audit_.get(); }
  [[nodiscard]] int access_log_fd() const noexcept { return access_log_.get(); }

  // What this run has added to audit.jsonl, at most `limit` bytes of it.
  [[nodiscard]] std::string audit_of_this_run(std::size_t limit) const;

 private:
  RunLogs(UniqueFd audit, UniqueFd access_log, off_t audit_start) noexcept
      : audit_(std::move(audit)), access_log_(std::move(access_log)), audit_start_(audit_start) {}

  UniqueFd audit_;
  UniqueFd access_log_;
  off_t audit_start_;
};

}  // namespace awf::supervisor
