// The record of every packet that came through an interface, kept by the kernel.
//
// An nftables ruleset adds each packet's destination to a set before anything else looks at it. It
// cannot lose packets under load as a packet socket can, costs nothing to a bulk transfer, and is
// exact about what it saw. The functions act in the caller's network namespace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/world.hpp"

namespace awf::test_world::witness {

// Starts recording what arrives through `interface`.
void install(std::string_view interface);

// What was recorded, sorted. Throws Refusal when the sets were too small for what came.
std::vector<Packets> recorded();

void forget();

// From now on packets to `address` are dropped after they were recorded.
void silence(std::string_view address);

}  // namespace awf::test_world::witness
