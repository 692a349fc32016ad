// The tests' host: a network namespace with one wire, whose other end is watched.
#pragma once

#include <set>
#include <string>

#include "common/unique_fd.hpp"

namespace awf::tests {

// Moves the test process into a new network namespace with a default route for both families over
// a veth pair. What would leave the machine arrives at the other end, and nowhere else.
class HostNetwork {
 public:
  HostNetwork();

  // The destinations of all packets that came over the wire since the last call. Complete for every
  // packet that was sent before the call.
  std::set<std::string> seen();

 private:
  UniqueFd witness_;
};

// The one of this test process; made at the first call.
HostNetwork& host_network();

}  // namespace awf::tests
