#include "awf/start_report.hpp"

#include <spdlog/spdlog.h>

#include "awf/plan_text.hpp"
#include "common/check.hpp"

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
  spdlog::debug("limits: {}", describe_limits(config.resources));
  if (const auto text = describe_upstream(config); !text.empty()) spdlog::info("{}", text);
  for (const auto& warning : config.upstream.warnings)
    spdlog::warn("{}", warning);
  if (!config.workspace) spdlog::warn("{}", describe_missing_workspace(config));
}

void report_missing_limits(const ResourceLimits& limits, const std::string& reason) {
  if (limits.memory) throw Refusal("--memory-limit: " + reason);
  if (limits.processes_asked) throw Refusal("--pids-limit: " + reason);
  spdlog::warn("the command may start any number of processes: {}", reason);
}

void report_limits_hit(const ResourceLimits& limits, const std::optional<CgroupEvents>& events) {
  if (!events) {
    spdlog::warn("the keeper of the run's cgroups ended early; the next run removes them");
    return;
  }
  if (events->killed_for_memory != 0) {
    spdlog::error("out of memory: the kernel killed {} process(es) of the command, {} was reached",
                  events->killed_for_memory, shown_memory(limits));
  }
  if (events->refused_forks != 0) {
    spdlog::warn(
        "{} new process(es) or thread(s) of the command were refused, --pids-limit {} was "
        "reached",
        events->refused_forks, limits.processes);
  }
}

}  // namespace awf::supervisor
