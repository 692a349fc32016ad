// awf from its command line to its exit code.
#pragma once

#include "awf/options.hpp"

namespace awf::supervisor {

// Carries out what was asked. The exit code; throws Refusal or SystemFailure.
int carry_out(const Options& options);

}  // namespace awf::supervisor
