// The command line of awf-doh.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "net/resolver.hpp"
#include "net/service_url.hpp"

namespace awf::doh {

struct Options {
  bool help = false;
  int control_fd = -1;
  std::optional<net::ServiceUrl> url;  // always there unless help is set
  std::vector<net::DnsServer> dns_servers;
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
};

// Throws Refusal. With help set, nothing else is.
Options parse_options(int argc, const char* const* argv);
std::string help_text();

}  // namespace awf::doh
