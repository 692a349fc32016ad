#include "awf/start_report.hpp"

#include <spdlog/spdlog.h>

#include "awf/plan_text.hpp"

namespace awf::supervisor {

void report_findings(const RunConfig& config) {
  for (const auto& warning : config.warnings)
    spdlog::warn("{}", warning);
  for (const auto& note : config.notes)
    spdlog::debug("{}", note);
  if (config.notes.empty()) return;
  spdlog::info(
      "{} of the allow list's entries add nothing to the others; --log-level debug and "
      "policy-manifest.json name them",
      config.notes.size());
}

void report_start(const RunConfig& config) {
  spdlog::info("{}", describe_enforcement(config));
  if (const auto text = describe_upstream(config); !text.empty()) spdlog::info("{}", text);
  for (const auto& warning : config.upstream.warnings)
    spdlog::warn("{}", warning);
  if (!config.workspace) spdlog::warn("{}", describe_missing_workspace(config));
}

}  // namespace awf::supervisor
