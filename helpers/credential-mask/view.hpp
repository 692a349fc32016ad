// Carrying out the plan: from the host's tree to the command's view of it.
#pragma once

#include <string>
#include <vector>

#include "credential-mask/mount_plan.hpp"
#include "credential-mask/options.hpp"

namespace awf::mask {

// Moves this process into the view, proves it, and enters the working directory. Throws
// SystemFailure or Refusal; the process must then not go on. `options` are resolved and `plan` is
// theirs.
void enter_view(const Options& options, const std::vector<Step>& plan);

}  // namespace awf::mask
