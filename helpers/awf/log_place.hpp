// Where logs may lie: the log directories of a run judged against the places that its command can
// write to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "awf/run_config.hpp"

namespace awf::supervisor {

// The names of what RunLogs makes in a log directory.
inline constexpr const char* kAuditName = "audit.jsonl";
inline constexpr const char* kAccessLogName = "access.log";
inline constexpr const char* kManifestName = "policy-manifest.json";
inline constexpr const char* kWorkspaceReportName = "workspace.json";

// A directory of the host that the command can change, and where it is shown inside.
struct WritableArea {
  std::string host;  // canonical
  std::string inside;
};

// The workspace, /tmp/gh-aw and the sources of "rw" mounts, in the order in which they are shown.
std::vector<WritableArea> writable_areas(const RunConfig& config);

// Throws Refusal when the way to `path`, links elsewhere followed, leads through a symbolic link in
// a writable area: a command of an earlier run may have made it, and what the user named would be
// something else. `option` names the path in the message.
void refuse_planted_links(const std::string& option, const std::string& path,
                          const std::vector<WritableArea>& areas);

// Replaces config's log directories by their canonical paths; what does not exist yet stays as
// written. Changes nothing on disk. Throws Refusal
// - for a writable area itself, or one that --mount shows read-write: logs there could be replaced;
// - for a symbolic link on the way that lies in a writable area, or, in privileged mode, is not
//   root's: whoever made it would choose where we write.
void judge_log_places(RunConfig& config);

// Options of awf-mask-credentials that keep the logs out of the command's reach: a log directory in
// a writable area is hidden under every path that shows it, and the directories between are mounts,
// so that none of them can be renamed and another one put in its place. `mounts` stand between,
// since each may lie in the other. Elsewhere the files alone are hidden.
std::vector<std::string> mounts_and_log_guard(const RunConfig& config);

}  // namespace awf::supervisor
