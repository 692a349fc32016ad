// How a run reaches the internet: which resolvers, which proxy. Options and the caller's
// environment, judged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "awf/identity.hpp"
#include "awf/options.hpp"

namespace awf::supervisor {

struct UpstreamConfig {
  std::optional<std::string> doh_url;
  // "http://[user:password@]host:port": not for logs, see proxy_shown.
  std::optional<std::string> proxy_url;
  std::string proxy_shown;            // "host:port"
  std::vector<std::string> no_proxy;  // domains that are dialled directly
  std::vector<std::string> warnings;  // parts of no_proxy that mean nothing here
};

// Throws Refusal unless it is an IP address, with the zone of an interface of this machine exactly
// when it is link-local.
void verify_dns_server(const std::string& text);

// --dns-over-https and --upstream-proxy, or else the proxy of the caller's variables https_proxy
// and http_proxy (upper case too); "none" means: use none. Throws Refusal when the two variables
// differ, for anything but http://, for credentials on the command line, where every user of the
// machine can read them, and for both a proxy and DNS over HTTPS, since the proxy looks names up.
UpstreamConfig judge_upstream(const Options& options, const GetVariable& variable);

}  // namespace awf::supervisor
