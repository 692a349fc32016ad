// A /dev with the devices that programs need and nothing else.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::mask {

// Name and detached mount: the host's own nodes, since a node made in a user namespace would not
// work.
using TakenDevices = std::vector<std::pair<std::string, UniqueFd>>;

// Throws SystemFailure when the host lacks one that no program can do without.
TakenDevices take_devices();

// Mounts the new /dev, with terminals of its own and shared memory in memory.
void make_devices(const TakenDevices& devices);

}  // namespace awf::mask
