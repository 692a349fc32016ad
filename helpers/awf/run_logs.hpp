// The files that the egress proxy writes and the supervisor reads at the end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

  // Where in audit.jsonl the records of this run begin.
  [[nodiscard]] std::uint64_t audit_start() const noexcept {
    return static_cast<std::uint64_t>(audit_start_);
  }

  // policy-manifest.json beside audit.jsonl, in place of an earlier run's; nothing without a
  // directory. Throws as open().
  static void write_manifest(const RunConfig& config, std::string_view manifest);

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
