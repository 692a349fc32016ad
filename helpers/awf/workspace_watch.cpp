#include "awf/workspace_watch.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::supervisor {
namespace {

// What it looks at is bounded (helpers/workspace/README.md); these are for a machine that stands
// still.
constexpr std::chrono::seconds kReadyLimit{20};
constexpr std::chrono::seconds kFinishLimit{20};

// "finished SECRETS CHANGED", then a path a line.
WorkspaceFindings parse_findings(const std::string& text) {
  const auto lines = split(text, '\n');
  const auto words = split(lines.front(), ' ');
  const bool whole = words.size() == 3 && words[0] == "finished";
  const auto secrets = whole ? parse_number<std::size_t>(words[1]) : std::nullopt;
  const auto changed = whole ? parse_number<std::size_t>(words[2]) : std::nullopt;
  verify(secrets && changed, "awf-workspace speaks its protocol");
  WorkspaceFindings findings{true, *secrets, *changed, {}};
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (!lines[i].empty()) findings.changed_paths.emplace_back(lines[i]);
  return findings;
}

}  // namespace

std::optional<WorkspaceWatch> WorkspaceWatch::start(const Plan& plan, const RunLogs& logs) {
  if (plan.workspace_watch.empty()) return std::nullopt;
  auto [ours, theirs] = MessageChannel::make_pair();
  SpawnPlan spawn{.program = plan.workspace_watch.front(),
                  .argv = plan.workspace_watch,
                  .environment = {"LC_ALL=C.UTF-8"},
                  .fds = {{watch_fd::kControl, theirs.fd()}},
                  .new_session = true};
  if (const int report = logs.workspace_report_fd(); report >= 0) {
    spawn.fds.emplace_back(watch_fd::kReport, report);
  }
  return WorkspaceWatch(Child::spawn(spawn), std::move(ours));
}

void WorkspaceWatch::wait_until_ready() {
  const auto message = channel_.receive(kReadyLimit);
  if (message && message->text == "ready") return;
  throw Refusal("awf-workspace ended before the command started (see above)");
}

WorkspaceFindings WorkspaceWatch::finish() {
  try {
    channel_.send("finish");
    if (const auto message = channel_.receive(kFinishLimit)) return parse_findings(message->text);
    spdlog::warn("awf-workspace failed: what the command changed in the workspace is not known");
  } catch (const SystemFailure& failure) {
    spdlog::warn("{}: what the command changed in the workspace is not known", failure.what());
  }
  return {};
}

void report_workspace(const WorkspaceFindings& findings, const RunConfig& config) {
  const bool kept = config.audit_directory || config.proxy_logs_directory;
  const char* where = kept ? "workspace.json lists them" : "--audit-dir keeps the list";
  if (findings.files_with_secrets > 0) {
    spdlog::warn("{} file(s) in the workspace hold what looks like a secret; {}",
                 findings.files_with_secrets, where);
  }
  if (findings.changed_executables == 0) return;
  constexpr std::size_t kMostNamed = 5;
  std::string named;
  for (const auto& path : findings.changed_paths) {
    if (&path - findings.changed_paths.data() == kMostNamed) break;
    named += (named.empty() ? "" : ", ") + quoted(path);
  }
  if (findings.changed_executables > kMostNamed) named += " …";
  spdlog::warn("the command changed {} file(s) that run outside the sandbox later: {}; {}",
               findings.changed_executables, named, where);
}

}  // namespace awf::supervisor
