#include "awf/plan_text.hpp"

#include <unistd.h>

#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::supervisor {
namespace {

std::string shown_entries(const char* verb, const std::vector<policy::SourceEntry>& entries) {
  std::string text;
  for (const auto& entry : entries) {
    text += std::string("  ") + verb + " " + entry.text + "  (" + entry.origin + ")\n";
  }
  return text;
}

std::string shown_host_ports(const policy::HostAccess& access) {
  std::string text;
  for (const auto& ports : access.ports) {
    text += "  allow port " + ports.range.text() + " of this machine's loopback  (" + ports.option +
            ")\n";
  }
  return text;
}

std::string shown_watch(const Plan& plan) {
  if (plan.workspace_watch.empty()) return {};
  return "\nworkspace, before and after:\n  " + shown(plan.workspace_watch);
}

}  // namespace

std::string describe_enforcement(const RunConfig& config) {
  return "policy: " + std::to_string(config.allow.size()) + " allowed, " +
         std::to_string(config.block.size()) + " blocked " +
         (config.policy.empty() ? "(nothing is reachable); " : "entries; ") +
         (config.host_access.enabled ? "host access by named ports; " : "") +
         "enforced alike for IPv4 and IPv6: TCP by name, DNS answered here, all else refused" +
         (config.identity.mode == Mode::kRootless ? " (rootless)" : "");
}

std::string describe_upstream(const RunConfig& config) {
  const auto& upstream = config.upstream;
  if (upstream.doh_url) return "names are looked up by DNS over HTTPS at " + *upstream.doh_url;
  if (!upstream.proxy_url) return {};
  std::string text = "connections leave through the proxy " + upstream.proxy_shown;
  for (std::size_t i = 0; i < upstream.no_proxy.size(); ++i)
    text += (i == 0 ? ", but directly to " : ", ") + upstream.no_proxy[i];
  return text;
}

std::string describe_missing_workspace(const RunConfig& config) {
  return "nothing outside the sandbox is writable: " + quoted(config.working_directory) +
         " is the home, holds it, belongs to the system, or has to do with AWF's own programs; "
         "run from the project's directory";
}

unsigned proxy_uid(pid_t pid) {
  constexpr unsigned kFirst = 61184;
  constexpr unsigned kCount = 65519 - kFirst + 1;
  return kFirst + static_cast<unsigned>(pid) % kCount;
}

int print_plan(const RunConfig& config, const Plan& plan) {
  std::string text = "chain:\n  " + shown(plan.chain) + "\negress proxy:\n  " +
                     shown(plan.egress_proxy) + shown_watch(plan) + "\npolicy:\n" +
                     shown_entries("allow", config.allow) + shown_entries("block", config.block) +
                     shown_host_ports(config.host_access);
  if (config.policy.empty()) text += "  nothing is allowed\n";
  if (const auto upstream = describe_upstream(config); !upstream.empty()) {
    text += "\nupstream:\n  " + upstream + "\n";
  }
  text += "\nlimits:\n  " + describe_limits(config.resources) + "\n\npacket rules inside:\n";
  write_all(STDOUT_FILENO, text, "standard output");
  auto argv = plan.print_ruleset;
  while (!argv.empty() && argv.back() == "--")
    argv.pop_back();
  Child printer = Child::spawn({.program = argv.front(), .argv = argv, .environment = {}});
  return exit_code::from_wait_status(printer.wait());
}

std::string version_text() {
  return "awf " AWF_VERSION "\n";
}

}  // namespace awf::supervisor
