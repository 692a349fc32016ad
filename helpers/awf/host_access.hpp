// --enable-host-access and its relatives, judged: which ports of the host's loopback are open.
#pragma once

#include <string>
#include <vector>

#include "awf/options.hpp"
#include "policy/egress_policy.hpp"

namespace awf::supervisor {

struct JudgedHostAccess {
  policy::HostAccess access;
  std::vector<std::string> warnings;  // one line each
};

// Access is on by --enable-host-access, --allow-host-service-ports or the keyword "localhost" in
// `allow`, which becomes host.docker.internal there. The ports: those of the options; for the
// keyword without --allow-host-ports those of development servers; and 80 and 443 when `allow`
// names host.docker.internal itself, as workflows for the reference system do. Throws Refusal: a
// port that is none or dangerous, ports without access, an entry that names a port of the host.
JudgedHostAccess judge_host_access(const Options& options, std::vector<policy::SourceEntry>& allow);

}  // namespace awf::supervisor
