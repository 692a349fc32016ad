// What awf says about a run before it starts.
#pragma once

#include <optional>
#include <string>

#include "awf/cgroup_limits.hpp"
#include "awf/run_config.hpp"

namespace awf::supervisor {

// The findings of the policy's review, a log line each; those without consequence as one count.
void report_findings(const RunConfig& config);

// How the policy is enforced and what of the machine can be written.
void report_start(const RunConfig& config);

// No cgroup can be had, for this reason. Throws Refusal when it was for a limit that was asked for;
// the default one is a courtesy to the machine, and a warning says that it does not hold.
void report_missing_limits(const ResourceLimits& limits, const std::string& reason);

// What the run's cgroups saw; nothing when their keeper was killed.
void report_limits_hit(const ResourceLimits& limits, const std::optional<CgroupEvents>& events);

}  // namespace awf::supervisor
