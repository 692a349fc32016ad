// What awf says about a run before it starts.
#pragma once

#include <optional>

#include "awf/cgroup_limits.hpp"
#include "awf/run_config.hpp"

namespace awf::supervisor {

// The findings of the policy's review, a log line each; those without consequence as one count.
void report_findings(const RunConfig& config);

// How the policy is enforced and what of the machine can be written.
void report_start(const RunConfig& config);

// What the run's cgroups saw; nothing when their keeper was killed.
void report_limits_hit(const ResourceLimits& limits, const std::optional<CgroupEvents>& events);

}  // namespace awf::supervisor
