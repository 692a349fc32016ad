#include "awf/command_environment.hpp"

#include <unistd.h>

#include <algorithm>

#include "awf/plan.hpp"
#include "common/check.hpp"
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

std::string host_path(const std::vector<std::string>& environment) {
  const auto is_path = [](const std::string& v) { return v.rfind("PATH=", 0) == 0; };
  const auto found = std::find_if(environment.begin(), environment.end(), is_path);
  return found == environment.end() ? std::string("PATH=") + kDefaultPath : *found;
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

void verify_token_library(const RunConfig& config, const std::string& programs) {
  const std::string library = programs + "/" + kTokenLibrary;
  if (config.granted_names.empty() || ::access(library.c_str(), R_OK) == 0) return;
  // The loader would go on without it (ld.so(8)), and the token would lie open.
  throw Refusal("--grant: " + library + " is missing; build it, or run without --grant");
}

std::string environment_records(const RunConfig& config,
                                const std::vector<std::string>& host_environment) {
  std::string records;
  for (const auto& variable : host_environment)
    add(records, 'h', variable);
  for (const auto& variable : config.explicit_environment)
    add(records, 'e', variable);
  const auto& who = config.identity;
  add(records, 'a', "HOME=" + (who.home.empty() ? std::string("/") : who.home));
  if (!who.user_name.empty()) {
    add(records, 'a', "USER=" + who.user_name);
    add(records, 'a', "LOGNAME=" + who.user_name);
  }
  add(records, 'a', host_path(host_environment));
  add_grants(records, config.granted_names);
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
