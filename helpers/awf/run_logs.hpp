// The files that a run leaves: the egress proxy's logs, the policy manifest, the workspace report.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "awf/run_config.hpp"
#include "common/unique_fd.hpp"

namespace awf::supervisor {

// audit.jsonl, policy-manifest.json and workspace.json lie in --audit-dir, access.log in
// --proxy-logs-dir; with only one of the two given, all lie there; with none the logs are memory
// files, and nothing is left on disk. The logs are appended to, since a job may run awf twice with
// the same directories; the other two are of the last run.
//
// All are opened before the command starts and written by descriptor alone: what a command puts
// into their place is never followed. In privileged mode they are root's while the command runs and
// given to its user by the destructor, so that later steps of a job can remove them. They can be
// read by everybody all the time, and are complete to the last line when we are killed.
class RunLogs {
 public:
  // Makes missing directories (0755, the command's user's) and files (0644). config's directories
  // are judged (log_place.hpp). Throws SystemFailure; Refusal for anything but a file of its own.
  static RunLogs open(const RunConfig& config);
  RunLogs(RunLogs&&) noexcept = default;
  RunLogs& operator=(RunLogs&&) = delete;
  RunLogs(const RunLogs&) = delete;
  RunLogs& operator=(const RunLogs&) = delete;
  ~RunLogs();

  [[nodiscard]] int audit_fd() const noexcept { return audit_.get(); }
  [[nodiscard]] int access_log_fd() const noexcept { return access_log_.get(); }
  // For awf-workspace; -1 without a directory: then there is nowhere to report to.
  [[nodiscard]] int workspace_report_fd() const noexcept { return workspace_report_.get(); }

  // Where in audit.jsonl the records of this run begin.
  [[nodiscard]] std::uint64_t audit_start() const noexcept {
    return static_cast<std::uint64_t>(audit_start_);
  }

  // Nothing without a directory. Throws SystemFailure.
  void write_manifest(std::string_view manifest) const;

  // What this run has added to audit.jsonl, at most `limit` bytes of it.
  [[nodiscard]] std::string audit_of_this_run(std::size_t limit) const;

 private:
  RunLogs() noexcept = default;
  void open_audit(const std::string& directory, const Identity& who);

  UniqueFd audit_;
  UniqueFd access_log_;
  UniqueFd manifest_;
  UniqueFd workspace_report_;
  off_t audit_start_ = 0;
  std::optional<Identity> heir_;  // who gets the files; nobody in rootless mode
};

}  // namespace awf::supervisor
