#include "awf/command_environment.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <optional>

#include "awf/plan.hpp"
#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "net/sandbox_sockets.hpp"

namespace awf::supervisor {
namespace {

constexpr const char* kTokenLibrary = "libawf-one-shot-token.so";
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void add(std::string& records, char kind, const std::string& variable) {
  records += kind;
  records += ':';
  records += variable;
  records += '\0';
}

std::optional<std::string> value_of(const std::vector<std::string>& environment,
                                    const std::string& name) {
  const std::string start = name + "=";
  for (const auto& variable : environment) {
    if (variable.rfind(start, 0) == 0) return variable.substr(start.size());
  }
  return std::nullopt;
}

// What the step itself has written there takes effect at the next step; but sudo replaces PATH, and
// then this file is where the step's own additions are.
std::string path_file_of(const std::vector<std::string>& environment) {
  constexpr std::size_t kMost = 64UL * 1024;
  const auto file = value_of(environment, "GITHUB_PATH");
  if (!file || file->empty()) return {};
  try {
    return read_file_if_there(*file, kMost).value_or("");
  } catch (const SystemFailure& failure) {
    spdlog::warn("GITHUB_PATH is left out of PATH: {}", failure.what());
    return {};
  }
}

// The library guards the granted variables in every program of the command (preload/README.md).
void add_grants(std::string& records, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::string list;
  for (const auto& name : names) {
    add(records, 'g', name + "=");
    list += (list.empty() ? "" : ",") + name;
  }
  add(records, 'a', "AWF_ONE_SHOT_TOKENS=" + list);
  add(records, 'a', std::string("LD_PRELOAD=") + kProgramsInside + "/" + kTokenLibrary);
}

}  // namespace

std::string search_path(std::string_view path, std::string_view added_lines) {
  std::string all(path);
  // Each line goes before what is there, as the runner does it.
  for (const auto line : split(added_lines, '\n')) {
    const auto directory = trimmed(line);
    if (directory.empty() || directory.front() != '/' ||
        directory.find(':') != std::string_view::npos) {
      continue;
    }
    all = std::string(directory) + ":" + all;
  }
  return all;
}

void verify_token_library(const RunConfig& config, const std::string& programs) {
  const std::string library = programs + "/" + kTokenLibrary;
  if (config.environment.granted_names.empty() || ::access(library.c_str(), R_OK) == 0) return;
  // The loader would go on without it (ld.so(8)), and the token would lie open.
  throw Refusal("--grant: " + library + " is missing; build it, or run without --grant");
}

std::string environment_records(const RunConfig& config,
                                const std::vector<std::string>& host_environment) {
  std::string records;
  const EnvironmentConfig& wanted = config.environment;
  for (const auto& variable : host_environment)
    add(records, wanted.forward_all ? 'o' : 'h', variable);
  for (const auto& variable : wanted.from_files)
    add(records, 'f', variable);
  for (const auto& variable : wanted.asked_for)
    add(records, 'e', variable);
  for (const auto& name : wanted.secret_names)
    add(records, 's', name + "=");
  for (const auto& name : wanted.excluded_names)
    add(records, 'x', name + "=");
  const auto& who = config.identity;
  add(records, 'a', "HOME=" + (who.home.empty() ? std::string("/") : who.home));
  if (!who.user_name.empty()) {
    add(records, 'a', "USER=" + who.user_name);
    add(records, 'a', "LOGNAME=" + who.user_name);
  }
  add(records, 'a',
      "PATH=" + search_path(value_of(host_environment, "PATH").value_or(kDefaultPath),
                            path_file_of(host_environment)));
  add_grants(records, wanted.granted_names);
  // Programs that know proxies get a reason with their 403; all others are intercepted, and nothing
  // is enforced by these variables.
  const std::string proxy =
      std::string("http://") + net::kProxyName + ":" + std::to_string(net::kProxyPort);
  for (const auto* name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}) {
    add(records, 'a', std::string(name) + "=" + proxy);
  }
  std::string direct = "localhost,127.0.0.1,::1";
  // The host's ports carry bytes unread, so its clients go there as they would without a proxy.
  if (config.host_access.enabled) {
    direct += "," + std::string(policy::kHostAlias) + "," + std::string(policy::kHostGateway);
  }
  for (const auto* name : {"NO_PROXY", "no_proxy"}) {
    add(records, 'a', std::string(name) + "=" + direct);
  }
  return records;
}

}  // namespace awf::supervisor
