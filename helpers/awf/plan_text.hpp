// What awf says about a run in words: for `awf plan` and for the log.
#pragma once

#include <sys/types.h>

#include <string>

#include "awf/plan.hpp"
#include "awf/run_config.hpp"

namespace awf::supervisor {

// One line: how many entries, and that both address families are enforced alike.
std::string describe_enforcement(const RunConfig& config);

// Why nothing outside is writable, and what to do.
// How names are looked up and connections made, when it is not the ordinary way; otherwise empty.
std::string describe_upstream(const RunConfig& config);

std::string describe_missing_workspace(const RunConfig& config);

// The egress proxy's user in privileged mode: a number no account has, of the range that systemd
// keeps for dynamic users (61184–65519), so that it owns nothing on the machine.
unsigned proxy_uid(pid_t pid);

// Prints chain, proxy, policy and packet rules to stdout; the rules come from awf-firewall, which
// prints them without doing anything. Returns the exit code.
int print_plan(const RunConfig& config, const Plan& plan);

std::string version_text();

}  // namespace awf::supervisor
