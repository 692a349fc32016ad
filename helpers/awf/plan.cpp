#include "awf/plan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "awf/log_place.hpp"
#include "common/text.hpp"
#include "policy/host_name.hpp"

namespace awf::supervisor {
namespace {

using Words = std::vector<std::string>;

void add(Words& words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
}

void add_firewall(Words& words, const RunConfig& config, const std::string& programs) {
  add(words, {programs + "/awf-firewall", "--control-fd", std::to_string(chain_fd::kFirewall)});
  if (config.identity.mode == Mode::kRootless) add(words, {"--user-namespace"});
  for (const auto& range : config.policy.allowed_ranges()) {
    add(words, {"--intercept-range", range.text()});
  }
  if (config.host_access.enabled) {
    add(words, {"--intercept-range", std::string(policy::kHostGateway)});
  }
  add(words, {"--"});
}

void add_file_view(Words& words, const RunConfig& config) {
  const FileView& view = config.view;
  for (const auto& home : view.other_homes)
    add(words, {"--other-home", home});
  if (view.home_size) add(words, {"--home-size", std::to_string(*view.home_size)});
  if (view.home_writable) add(words, {"--home-writable"});
  for (const auto& relocation : view.relocations)
    add(words, {"--relocated", relocation});
  for (const auto& path : view.known_hidden)
    add(words, {"--hide-known", path});
}

void add_mask(Words& words, const RunConfig& config, const std::string& programs) {
  const auto& who = config.identity;
  add(words, {programs + "/awf-mask-credentials", "--programs", programs});
  if (!who.home.empty()) add(words, {"--home", who.home});
  add_file_view(words, config);
  if (config.workspace) add(words, {"--workspace", *config.workspace});
  add(words, {"--workdir", config.working_directory});
  if (config.runner_temp) add(words, {"--runner-temp", *config.runner_temp});
  add(words, {"--uid", std::to_string(who.uid), "--gid", std::to_string(who.gid)});
  if (config.allow_git_config) add(words, {"--allow-git-config"});
  const auto mounts = mounts_and_log_guard(config);
  words.insert(words.end(), mounts.begin(), mounts.end());
  for (const auto& path : config.hidden_paths)
    add(words, {"--hide", path});
  add(words, {"--"});
}

// It looks at the workspace alone and as the command's user: what that user cannot read, it cannot
// tell about.
void add_workspace_watch(Words& words, const RunConfig& config, const std::string& programs) {
  if (!config.workspace) return;
  const auto& who = config.identity;
  add(words, {programs + "/awf-workspace", "--control-fd", std::to_string(watch_fd::kControl)});
  if (config.audit_directory || config.proxy_logs_directory) {
    add(words, {"--report-fd", std::to_string(watch_fd::kReport)});
  }
  add(words, {"--directory", *config.workspace});
  if (who.mode == Mode::kPrivileged) {
    add(words, {"--uid", std::to_string(who.uid), "--gid", std::to_string(who.gid)});
  }
}

void add_relay(Words& words, const RunConfig& config) {
  add(words, {std::string(kProgramsInside) + "/awf-exit-relay", "--control-fd",
              std::to_string(chain_fd::kRelay)});
  if (config.time_limit) add(words, {"--time-limit", std::to_string(config.time_limit->count())});
  add(words, {"--"});
}

void add_confine(Words& words, const RunConfig& config) {
  const auto& who = config.identity;
  add(words, {std::string(kProgramsInside) + "/awf-confine", "--uid", std::to_string(who.uid),
              "--gid", std::to_string(who.gid)});
  if (!who.groups.empty()) {
    std::string list;
    for (const gid_t group : who.groups) {
      list += (list.empty() ? "" : ",") + std::to_string(group);
    }
    add(words, {"--groups", list});
  }
  const ResourceLimits& limits = config.resources;
  if (limits.processes_by_rlimit) {
    add(words, {"--process-limit", std::to_string(limits.processes + kOwnProcesses)});
  }
  if (limits.file_size) add(words, {"--file-size-limit", std::to_string(*limits.file_size)});
  if (config.tty) add(words, {"--terminal"});
  add(words, {"--keep-fd", std::to_string(chain_fd::kSelfTest), "--keep-fd",
              std::to_string(chain_fd::kEnvironment), "--"});
}

void add_self_test(Words& words, const RunConfig& config) {
  add(words, {std::string(kProgramsInside) + "/awf-self-test", "--control-fd",
              std::to_string(chain_fd::kSelfTest)});
  if (const auto name = self_test_name(config); !name.empty()) add(words, {"--allowed-name", name});
  // Listed addresses are open on purpose; the probes take others.
  for (const auto& range : config.policy.allowed_ranges()) {
    add(words, {"--intercept-range", range.text()});
  }
  add(words, {"--"});
}

nlohmann::json as_json(const std::vector<policy::SourceEntry>& entries) {
  auto list = nlohmann::json::array();
  for (const auto& entry : entries)
    list.push_back({{"text", entry.text}, {"origin", entry.origin}});
  return list;
}

std::string level_word(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

nlohmann::json as_json(const policy::HostAccess& access) {
  auto list = nlohmann::json::array();
  for (const auto& ports : access.ports)
    list.push_back({{"ports", ports.range.text()}, {"option", ports.option}});
  return list;
}

std::string make_policy_json(const RunConfig& config) {
  nlohmann::json json = {{"allow", as_json(config.allow)},
                         {"block", as_json(config.block)},
                         {"dnsServers", config.dns_servers},
                         {"allowPrivate", config.allow_private},
                         {"logLevel", level_word(config.log_level)}};
  // Its presence, empty or not, switches host access on.
  if (config.host_access.enabled) json["hostPorts"] = as_json(config.host_access);
  const EgressLimits& limits = config.limits;
  if (!limits.max_tx.empty()) json["maxTx"] = limits.max_tx;
  if (limits.max_tx_total) json["maxTxTotal"] = *limits.max_tx_total;
  if (limits.min_tls) json["minTls"] = *limits.min_tls;
  const auto& upstream = config.upstream;
  if (upstream.doh_url) json["dnsOverHttps"] = *upstream.doh_url;
  if (upstream.proxy_url) {
    json["upstreamProxy"] = {{"url", *upstream.proxy_url}, {"noProxy", upstream.no_proxy}};
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool needs_quotes(const std::string& word) {
  constexpr std::string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
  return word.empty() || word.find_first_not_of(kBare) != std::string::npos;
}

}  // namespace

std::string self_test_name(const RunConfig& config) {
  for (const auto& entry : config.allow) {
    std::string text = entry.text;
    for (const std::string prefix : {"https://", "=", "*."}) {
      if (text.rfind(prefix, 0) != 0) continue;
      text = prefix == "*." ? "awf-self-test." + text.substr(2) : text.substr(prefix.size());
    }
    const auto name = policy::HostName::parse(text);
    // The host's own service must not be troubled by a probe.
    if (!name.ok() || config.policy.means_host(*name)) continue;
    // The probe connects to port 443, so the entry must allow TLS there.
    if (config.policy.decide(policy::Protocol::kTls, *name, 443, policy::Door::kIntercept)
            .allowed()) {
      return name->text();
    }
  }
  return {};
}

Plan make_plan(const RunConfig& config, const std::string& programs, unsigned proxy_uid) {
  Plan plan;
  add_firewall(plan.chain, config, programs);
  plan.print_ruleset = plan.chain;
  plan.print_ruleset.insert(plan.print_ruleset.begin() + 1, "--print-ruleset");
  add_mask(plan.chain, config, programs);
  add_relay(plan.chain, config);
  add_confine(plan.chain, config);
  add_self_test(plan.chain, config);
  add(plan.chain, {std::string(kProgramsInside) + "/awf-unset-tokens", "--environment-fd",
                   std::to_string(chain_fd::kEnvironment), "--"});
  plan.chain.insert(plan.chain.end(), config.command.begin(), config.command.end());
  add(plan.egress_proxy,
      {programs + "/awf-egress-proxy", "--control-fd", std::to_string(proxy_fd::kControl),
       "--policy-fd", std::to_string(proxy_fd::kPolicy), "--audit-fd",
       std::to_string(proxy_fd::kAudit), "--access-log-fd", std::to_string(proxy_fd::kAccessLog),
       "--mapped-names-fd", std::to_string(proxy_fd::kMappedNames)});
  if (config.upstream.doh_url) add(plan.egress_proxy, {"--doh-program", programs + "/awf-doh"});
  if (config.identity.mode == Mode::kPrivileged) {
    add(plan.egress_proxy,
        {"--uid", std::to_string(proxy_uid), "--gid", std::to_string(proxy_uid)});
  }
  add_workspace_watch(plan.workspace_watch, config, programs);
  plan.policy_json = make_policy_json(config);
  return plan;
}

std::string shown(const std::vector<std::string>& argv) {
  std::string text;
  for (std::size_t i = 0; i < argv.size(); ++i) {
    const auto& word = argv[i];
    if (needs_quotes(word)) {
      text += '\'';
      for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
      text += '\'';
    } else {
      text += word;
    }
    const bool last = i + 1 == argv.size();
    if (!last) text += word == "--" ? " \\\n  " : " ";
  }
  return text + "\n";
}

}  // namespace awf::supervisor
