// The mapped addresses of a run beyond the life of one proxy process.
#pragma once

#include "common/unique_fd.hpp"
#include "egress-proxy/mapped_addresses.hpp"

namespace awf::egress {

// A file of the supervisor's holds where in the pool the run begins and, in the order of their
// addresses, its names: one a line, appended when a name gets its address. A proxy that is started
// again reads it and so gives every address the name that it had; a program inside may hold an
// answer for the whole run. What a killed proxy wrote in part is cut off.
//
// `file` is used for the life of the result. Throws Refusal for a file that no proxy wrote,
// SystemFailure when it cannot be read or, later, appended to.
MappedAddresses restore_mapped_addresses(UniqueFd file);

}  // namespace awf::egress
