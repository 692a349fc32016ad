// The probes. Each tries one way out, or looks for one thing that must not be there, and says what
// it found; none throws for what it finds. All are bounded by the same deadline.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "policy/ip_range.hpp"
#include "self-test/tally.hpp"

namespace awf::self_test {

using Deadline = std::chrono::steady_clock::time_point;

// probes_network.cpp. `address` is a literal of either family. TCP to one that the policy lists is
// not tried: the interceptor takes it, rightly.
ProbeResult probe_tcp(const std::string& name, const std::string& address,
                      const std::vector<policy::IpRange>& listed, Deadline deadline);
ProbeResult probe_udp(const std::string& name, const std::string& address, Deadline deadline);
// A query to a resolver outside must be answered by ours: an allowed name with a mapped address,
// any other name with NXDOMAIN.
ProbeResult probe_outside_resolver(const std::string& allowed_name, Deadline deadline);
// With an allowed name: its mapped address accepts on port 443. Without: the proxy accepts.
ProbeResult probe_entry(const std::string& allowed_name, Deadline deadline);

// probes_place.cpp
ProbeResult probe_interfaces();      // no network interface but lo
ProbeResult probe_docker_sockets();  // none can be connected to
ProbeResult probe_hypervisor();      // no AF_VSOCK, which knows no network namespaces
ProbeResult probe_process_view();    // /proc shows the own pid namespace, this process and init
ProbeResult probe_init();            // PID 1's environment cannot be read
ProbeResult probe_privileges();      // no capability in any set, no_new_privs, seccomp filter

// All of them, in a fixed order. `allowed_name` may be empty.
std::vector<ProbeResult> run_all_probes(const std::string& allowed_name,
                                        const std::vector<policy::IpRange>& listed,
                                        Deadline deadline);

}  // namespace awf::self_test
