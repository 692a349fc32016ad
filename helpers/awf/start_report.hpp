// What awf says about a run before it starts.
#pragma once

#include "awf/run_config.hpp"

namespace awf::supervisor {

// The findings of the policy's review, a log line each; those without consequence as one count.
void report_findings(const RunConfig& config);

// How the policy is enforced and what of the machine can be written.
void report_start(const RunConfig& config);

}  // namespace awf::supervisor
