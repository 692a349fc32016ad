#include "awf/run_config.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "awf/host_access.hpp"
#include "awf/log_place.hpp"
#include "awf/runner_places.hpp"
#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "policy/ip_range.hpp"
#include "policy/policy_lint.hpp"

namespace fs = std::filesystem;

namespace awf::supervisor {
namespace {

constexpr std::size_t kDomainFileLimit = 1UL << 20U;

using Entries = std::vector<policy::SourceEntry>;

void append(Entries& all, Entries more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

Entries read_entries(const std::vector<std::string>& lists, const std::vector<std::string>& files,
                     const std::string& option) {
  Entries all;
  for (const auto& list : lists) {
    append(all, policy::entries_from_option(list, "--" + option).or_refuse());
  }
  for (const auto& file : files) {
    std::string content;
    try {
      content = read_file(file, kDomainFileLimit);
    } catch (const SystemFailure& failure) {
      throw Refusal("--" + option + "-file: " + failure.what() + "; name a readable file");
    }
    append(all, policy::entries_from_file(content, file).or_refuse());
  }
  return all;
}

void verify_private_range(const std::string& text) {
  if (const auto range = policy::IpRange::parse(text); !range.ok()) {
    throw Refusal("--allow-private-addresses " + quoted(text) + ": " + range.error());
  }
}

std::string real_directory(const std::string& path, const std::string& what) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) throw Refusal(what + " " + quoted(path) + ": " + error.message());
  if (!fs::is_directory(real, error)) throw Refusal(what + " " + quoted(path) + " is no directory");
  return real.string();
}

// "$NAME" and "${NAME}" from the caller's environment, as workflows for the reference system use
// them; an unset one is an error, since an empty piece would name another directory.
std::string expand_variables(const std::string& text, const GetVariable& variable) {
  std::string expanded;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      expanded += text[i++];
      continue;
    }
    const bool braced = text.compare(i + 1, 1, "{") == 0;
    const std::size_t start = i + (braced ? 2 : 1);
    std::size_t end = start;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
      ++end;
    }
    const std::string name = text.substr(start, end - start);
    const auto value = variable(name);
    if (name.empty() || !value || (braced && text.compare(end, 1, "}") != 0)) {
      throw Refusal("--mount " + quoted(text) + ": no variable " + quoted(name) + " is set");
    }
    expanded += *value;
    i = end + (braced ? 1 : 0);
  }
  return expanded;
}

std::string judged_mount(const std::string& given, const GetVariable& variable) {
  const std::string text = expand_variables(given, variable);
  auto parts = split(text, ':');
  const std::string form = "--mount " + quoted(text) + ": ";
  if (parts.size() == 2) parts.emplace_back("rw");
  if (parts.size() != 3 || (parts[2] != "ro" && parts[2] != "rw")) {
    throw Refusal(form + "write HOST:INSIDE, HOST:INSIDE:ro or HOST:INSIDE:rw");
  }
  for (const auto part : {parts[0], parts[1]}) {
    if (part.empty() || part.front() != '/') {
      throw Refusal(form + quoted(part) + " is not an absolute path");
    }
  }
  std::error_code error;
  const fs::path host = fs::canonical(fs::path(parts[0]), error);
  if (error) throw Refusal(form + quoted(parts[0]) + ": " + error.message());
  return host.string() + ":" + fs::path(parts[1]).lexically_normal().string() + ":" +
         std::string(parts[2]);
}

std::optional<std::string> absolute_or_nothing(const std::optional<std::string>& path) {
  if (!path) return std::nullopt;
  return fs::absolute(*path).lexically_normal().string();
}

// GITHUB_WORKSPACE is a statement, so a bad one is refused; the current directory is a guess, so a
// bad one only means that nothing outside the sandbox can be written.
std::optional<std::string> find_workspace(const std::string& current, const std::string& home,
                                          const GetVariable& variable) {
  if (const auto named = variable("GITHUB_WORKSPACE"); named && !named->empty()) {
    std::string workspace = real_directory(*named, "GITHUB_WORKSPACE");
    if (!is_workspace_candidate(workspace, home)) {
      throw Refusal("GITHUB_WORKSPACE " + quoted(workspace) +
                    " is a system directory or holds the home; name the checkout's directory");
    }
    return workspace;
  }
  if (!is_workspace_candidate(current, home)) return std::nullopt;
  return current;
}

std::vector<std::string> as_argv(const std::vector<std::string>& words) {
  if (words.size() == 1) return {"/bin/bash", "-c", words.front()};
  return words;
}

// Anywhere else the lines would show every secret to whoever reads the output.
void verify_masks_wanted(const RunConfig& config) {
  if (!config.add_masks || (config.in_actions && !config.tty)) return;
  throw Refusal(config.in_actions
                    ? "--add-masks and --tty exclude each other: a terminal is not filtered"
                    : "--add-masks: GITHUB_ACTIONS is not true, so nobody would take the lines as "
                      "commands and they would show every secret; remove it");
}

void place_runner(RunConfig& config, const std::string& start, const GetVariable& variable) {
  auto runner = find_runner_places(variable, start, executables_above());
  config.runner_temp = std::move(runner.temp);
  auto& hidden = config.view.known_hidden;
  std::move(runner.hidden.begin(), runner.hidden.end(), std::back_inserter(hidden));
}

void place_files(RunConfig& config, const Options& options, const GetVariable& variable) {
  config.view = judge_file_view(options, config.identity, variable);
  config.hidden_paths = config.view.asked_hidden;
  config.mounts = config.view.mounts;
  for (const auto& line : config.view.warnings)
    config.warnings.push_back(line);
  for (const auto& mount : options.mounts)
    config.mounts.push_back(judged_mount(mount, variable));
}

// Only now is it known where a command can write.
void refuse_planted_sources(const RunConfig& config, const Options& options,
                            const GetVariable& variable) {
  auto areas = writable_areas(config);
  const auto& home = config.identity.home;
  if (config.view.home_writable) areas.push_back({home, home});
  for (const auto& mount : options.mounts) {
    const auto text = expand_variables(mount, variable);
    refuse_planted_links("--mount", text.substr(0, text.find(':')), areas);
  }
  for (const auto& path : options.shown_paths)
    refuse_planted_links("--show", fs::path(path).lexically_normal().string(), areas);
  // What is kept is written by each run that keeps it, so that a link anywhere below the home
  // counts.
  if (!home.empty()) areas.push_back({home, home});
  for (const auto& path : options.kept_paths) {
    const std::string whole = path.front() == '/' ? path : home + "/" + path;
    refuse_planted_links("--keep-home", fs::path(whole).lexically_normal().string(), areas);
  }
}

void place_directories(RunConfig& config, const Options& options, const GetVariable& variable) {
  const std::string current = real_directory(".", "the current directory");
  config.workspace = find_workspace(current, config.identity.home, variable);
  if (options.working_directory) {
    config.working_directory = *options.working_directory;
    if (config.working_directory.front() != '/') {
      throw Refusal("--container-workdir " + quoted(config.working_directory) +
                    " is not an absolute path");
    }
  } else {
    const bool inside = !config.workspace || is_at_or_below(current, *config.workspace);
    config.working_directory = inside ? current : *config.workspace;
  }
  place_runner(config, config.workspace.value_or(current), variable);
  config.proxy_logs_directory = absolute_or_nothing(options.proxy_logs_directory);
  config.audit_directory = absolute_or_nothing(options.audit_directory);
}

void look_for_mistakes(RunConfig& config) {
  for (const auto& line : config.policy.warnings())
    config.warnings.push_back(line);
  auto findings = policy::lint(config.allow, config.block);
  if (config.environment.forward_all) {
    config.warnings.emplace_back(
        "--env-all: everything of the environment passes but what is known as a secret; a secret "
        "under a harmless name passes too, unless --secret names it");
  }
  for (auto& line : findings.blocked)
    config.warnings.push_back(std::move(line));
  config.notes = std::move(findings.covered);
}

}  // namespace

bool is_workspace_candidate(const std::string& directory, const std::string& home) {
  if (!home.empty() && is_at_or_below(home, directory)) return false;
  constexpr std::array<std::string_view, 12> kSystem = {"/bin", "/boot", "/dev",   "/etc",
                                                        "/lib", "/proc", "/run",   "/sbin",
                                                        "/sys", "/usr",  "/lib64", "/lib32"};
  const auto is_in = [&](std::string_view system) {
    return is_at_or_below(directory, std::string(system));
  };
  if (std::any_of(kSystem.begin(), kSystem.end(), is_in)) return false;
  constexpr std::array<std::string_view, 10> kShared = {
      "/", "/home", "/mnt", "/opt", "/srv", "/media", "/root", "/tmp", "/var", "/var/tmp"};
  return std::find(kShared.begin(), kShared.end(), directory) == kShared.end();
}

RunConfig configure(const Options& options, const GetVariable& variable) {
  auto allow = read_entries(options.allow_domains, options.allow_domains_files, "allow-domains");
  auto block = read_entries(options.block_domains, options.block_domains_files, "block-domains");
  auto host = judge_host_access(options, allow);
  auto policy = policy::EgressPolicy::build(allow, block, host.access).or_refuse();
  std::for_each(options.dns_servers.begin(), options.dns_servers.end(), verify_dns_server);
  std::for_each(options.allow_private.begin(), options.allow_private.end(), verify_private_range);
  RunConfig config{.identity = identify_caller(variable),
                   .allow = std::move(allow),
                   .block = std::move(block),
                   .policy = std::move(policy),
                   .host_access = std::move(host.access),
                   .warnings = std::move(host.warnings),
                   .notes = {},
                   .dns_servers = options.dns_servers,
                   .upstream = judge_upstream(options, variable),
                   .allow_private = options.allow_private,
                   .workspace = {},
                   .working_directory = {},
                   .runner_temp = {},
                   .mounts = {},
                   .hidden_paths = {},
                   .view = {},
                   .allow_git_config = options.allow_git_config,
                   .environment = judge_environment(options, variable),
                   .time_limit = options.time_limit,
                   .log_level = options.log_level,
                   .proxy_logs_directory = {},
                   .audit_directory = {},
                   .tty = options.tty,
                   .limits = judged_egress_limits(options),
                   .resources = {},
                   .in_actions = variable("GITHUB_ACTIONS") == "true",
                   .add_masks = options.add_masks,
                   .command = as_argv(options.command)};
  config.resources = judged_resource_limits(options, config.identity);
  if (config.identity.mode == Mode::kRootless) verify_user_namespaces_permitted();
  look_for_mistakes(config);
  place_files(config, options, variable);
  place_directories(config, options, variable);
  verify_masks_wanted(config);
  refuse_planted_sources(config, options, variable);
  judge_log_places(config);
  return config;
}

}  // namespace awf::supervisor
