// awf from its command line to its exit code.
#pragma once

#include "awf/options.hpp"
#include "awf/timeline.hpp"

namespace awf::supervisor {

// Carries out what was asked; `timeline` began with the process. The exit code; throws Refusal or
// SystemFailure.
int carry_out(const Options& options, Timeline& timeline);

}  // namespace awf::supervisor
