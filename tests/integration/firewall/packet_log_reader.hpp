// What the sandbox's packet log reported.
#pragma once

#include <string>
#include <vector>

namespace awf::tests {

// Everything reported so far, one "tcp 1.1.1.1:443 uid 33" each: the kernel queues a report before
// the call that sent the packet returns. Protocols other than tcp and udp as numbers, without port.
std::vector<std::string> read_packet_log(int fd);

}  // namespace awf::tests
