#include "awf/run.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "awf/command_environment.hpp"
#include "awf/denial_help.hpp"
#include "awf/output_filter.hpp"
#include "awf/own_programs.hpp"
#include "awf/plan.hpp"
#include "awf/plan_text.hpp"
#include "awf/policy_manifest.hpp"
#include "awf/run_config.hpp"
#include "awf/run_logs.hpp"
#include "awf/start_report.hpp"
#include "awf/supervisor.hpp"
#include "awf/workspace_watch.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

void set_up_log(LogLevel level) {
  auto logger = spdlog::stderr_color_st("awf");
  logger->set_pattern("%n: [%^%l%$] %v");
  const std::array levels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                             spdlog::level::err};
  logger->set_level(levels.at(static_cast<std::size_t>(level)));
  spdlog::set_default_logger(std::move(logger));
}

int run(const RunConfig& config, const Plan& plan, const std::string& programs,
        Timeline& timeline) {
  constexpr std::size_t kMostAuditRead = 16UL << 20U;
  std::vector<std::string> host_environment;
  for (char** v = environ; *v != nullptr; ++v)
    host_environment.emplace_back(*v);
  const RunLogs logs = RunLogs::open(config);
  auto watch = WorkspaceWatch::start(plan, logs);
  logs.write_manifest(
      policy_manifest(config, logs.audit_start(), std::chrono::system_clock::now()));
  report_start(config);
  timeline.mark("configuration judged, logs open");
  Supervisor supervisor(config, plan, logs, timeline,
                        start_output_filter(config, programs, host_environment));
  if (watch) supervisor.hold_command_until([&] { watch->wait_until_ready(); });
  const int code = supervisor.run(environment_records(config, host_environment));
  if (watch) report_workspace(watch->finish(), config);
  const auto denied = denied_targets(logs.audit_of_this_run(kMostAuditRead));
  if (code != 0) {
    write_all(STDERR_FILENO, denial_help(denied), "standard error");
  } else if (!denied.empty()) {
    spdlog::info("{} destination(s) were blocked; --audit-dir keeps the record", denied.size());
  }
  return code;
}

}  // namespace

int carry_out(const Options& options, Timeline& timeline) {
  set_up_log(options.log_level);
  RunConfig config = configure(options, variable);
  config.resources.file_size = lift_file_size_limit();
  report_findings(config);
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
  keep_own_programs_out_of_reach(config, programs,
                                 !variable("GITHUB_WORKSPACE").value_or("").empty());
  verify_token_library(config, programs);
  if (options.timings) config.command = {"/bin/true"};
  const Plan plan = make_plan(config, programs, proxy_uid(::getpid()));
  if (options.action == Action::kPlan && !options.timings) return print_plan(config, plan);
  const int code = run(config, plan, programs, timeline);
  if (options.timings) write_all(STDOUT_FILENO, timeline.text(), "standard output");
  return code;
}

}  // namespace awf::supervisor
