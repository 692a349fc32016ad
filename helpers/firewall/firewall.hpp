// The recipe of awf-firewall.
#pragma once

#include "firewall/options.hpp"

namespace awf::firewall {

// Enters the sandbox's network namespace, raises the rules, opens the listeners, proves all of it,
// hands the listeners to the supervisor and returns when that says "go". Throws when any step fails
// or is not proven, or when the supervisor says anything else.
void raise_firewall(const Options& options);

}  // namespace awf::firewall
