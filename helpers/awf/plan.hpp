// The programs of a run, composed from its configuration. Pure: `awf plan` prints exactly this.
#pragma once

#include <string>
#include <vector>

#include "awf/run_config.hpp"

namespace awf::supervisor {

// Where awf-mask-credentials shows our programs inside, since their own place may be hidden there.
inline constexpr const char* kProgramsInside = "/run/awf/bin";

// Numbers of the inherited descriptors, as each program's README names them.
namespace chain_fd {
inline constexpr int kFirewall = 3;
inline constexpr int kRelay = 4;
inline constexpr int kSelfTest = 5;
inline constexpr int kEnvironment = 6;
}  // namespace chain_fd

namespace proxy_fd {
inline constexpr int kControl = 3;
inline constexpr int kPolicy = 4;
inline constexpr int kAudit = 5;
inline constexpr int kAccessLog = 6;
inline constexpr int kMappedNames = 7;
}  // namespace proxy_fd

namespace watch_fd {
inline constexpr int kControl = 3;
inline constexpr int kReport = 4;
}  // namespace watch_fd

struct Plan {
  std::vector<std::string> chain;            // argv; chain[0] is an absolute path
  std::vector<std::string> egress_proxy;     // argv
  std::vector<std::string> workspace_watch;  // argv; empty without a workspace
  std::vector<std::string> print_ruleset;    // argv that prints the packet rules and does nothing
  std::string policy_json;                   // for the egress proxy's --policy-fd
};

// `programs` is the directory that holds AWF's programs; `proxy_uid` the egress proxy's own user in
// privileged mode.
Plan make_plan(const RunConfig& config, const std::string& programs, unsigned proxy_uid);

// A name that the policy lets the self-test ask for: nothing when no entry is a plain name.
std::string self_test_name(const RunConfig& config);

// Words quoted so that a shell would read them back, one program of the chain a line.
std::string shown(const std::vector<std::string>& argv);

}  // namespace awf::supervisor
