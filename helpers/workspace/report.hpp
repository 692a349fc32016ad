// workspace.json, and the line for the supervisor.
#pragma once

#include <string>
#include <vector>

#include "workspace/secret_scan.hpp"
#include "workspace/snapshot.hpp"

namespace awf::workspace {

struct Findings {
  std::string directory;
  bool snapshots_complete = true;
  std::vector<Change> changes;
};

// ASCII JSON with the schema of README.md. `scan` is null when none was made.
std::string as_json(const Findings& findings, const SecretScan* scan);

// What stands in the file while the command runs, and after we were killed.
std::string unfinished_json(const std::string& directory);

// "finished SECRETS CHANGED" and the changed paths, a line each, as many as fit into a message.
std::string as_message(const Findings& findings, const SecretScan* scan);

}  // namespace awf::workspace
