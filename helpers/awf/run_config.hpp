// What one run will be: the options judged against this machine, every value checked, nothing done.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "awf/egress_limits.hpp"
#include "awf/environment_config.hpp"
#include "awf/file_view.hpp"
#include "awf/identity.hpp"
#include "awf/options.hpp"
#include "awf/resource_limits.hpp"
#include "awf/upstream_config.hpp"
#include "policy/egress_policy.hpp"

namespace awf::supervisor {

struct RunConfig {
  Identity identity;
  std::vector<policy::SourceEntry> allow;
  std::vector<policy::SourceEntry> block;
  policy::EgressPolicy policy;
  policy::HostAccess host_access;
  // What is legal and may not be what was meant, one line each; notes are of less weight.
  std::vector<std::string> warnings;
  std::vector<std::string> notes;
  std::vector<std::string> dns_servers;
  UpstreamConfig upstream;
  std::vector<std::string> allow_private;
  // Read-write inside; nothing when awf was started in a place that must not be (home, /, /etc …).
  std::optional<std::string> workspace;
  std::string working_directory;
  std::optional<std::string> runner_temp;
  std::vector<std::string> mounts;        // HOST:INSIDE:ro|rw, absolute
  std::vector<std::string> hidden_paths;  // absolute
  FileView view;
  bool allow_git_config = false;
  EnvironmentConfig environment;
  std::optional<std::chrono::seconds> time_limit;
  LogLevel log_level = LogLevel::kInfo;
  std::optional<std::string> proxy_logs_directory;  // canonical (log_place.hpp)
  std::optional<std::string> audit_directory;       // canonical
  bool tty = false;
  EgressLimits limits;
  ResourceLimits resources;
  bool in_actions = false;  // GitHub's runner reads the output, or something that stands in for it
  bool add_masks = false;   // it does so directly, so that ::add-mask:: lines reach nobody else
  std::vector<std::string> command;  // an argv: a single word has become bash -c WORD
};

// Reads the domain files and looks at directories; changes nothing. Throws Refusal with one line
// for whatever cannot be carried out as asked.
RunConfig configure(const Options& options, const GetVariable& variable);

// May `directory` be shown read-write: not a system directory, not `home` or above it.
bool is_workspace_candidate(const std::string& directory, const std::string& home);

}  // namespace awf::supervisor
