// awf-workspace beside a run: what lies in the workspace, and what the command changed of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "awf/plan.hpp"
#include "awf/run_logs.hpp"
#include "common/child.hpp"
#include "common/message_channel.hpp"

namespace awf::supervisor {

// What awf-workspace found; the whole of it is in workspace.json.
struct WorkspaceFindings {
  bool known = false;  // false: the program failed or took too long
  std::size_t files_with_secrets = 0;
  std::size_t changed_executables = 0;
  std::vector<std::string> changed_paths;  // the first of them, as the command named them
};

// Owns the process. One thread.
class WorkspaceWatch {
 public:
  // Nothing without a workspace. The program begins to look at once, while the sandbox is made.
  static std::optional<WorkspaceWatch> start(const Plan& plan, const RunLogs& logs);

  // Returns when the state before the command has been seen. Throws Refusal otherwise: without it
  // no change would be noticed.
  void wait_until_ready();

  // After the command: a bounded wait for the comparison.
  WorkspaceFindings finish();

 private:
  WorkspaceWatch(Child program, MessageChannel channel)
      : program_(std::move(program)), channel_(std::move(channel)) {}

  Child program_;
  MessageChannel channel_;
};

// To stderr, one line for each kind of finding.
void report_workspace(const WorkspaceFindings& findings, const RunConfig& config);

}  // namespace awf::supervisor
