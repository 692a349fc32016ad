// policy-manifest.json: what the policy of one run was, for whoever reads its audit.jsonl. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "awf/run_config.hpp"

namespace awf::supervisor {

// One JSON object, schema awf-policy-manifest/1 (README.md lists its fields), with a newline.
// `audit_start`: where in audit.jsonl the records of this run begin, since runs append to it.
std::string policy_manifest(const RunConfig& config, std::uint64_t audit_start,
                            std::chrono::system_clock::time_point now);

}  // namespace awf::supervisor
