// AWF's own files stay out of the command's reach.
#pragma once

#include <string>

#include "awf/run_config.hpp"

namespace awf::supervisor {

// What the command could change in `programs`, or in the checkout that they are built from, would
// run outside the sandbox: when a proxy is started again, and with the next run, under sudo as
// root. A workspace that was only guessed from the current directory is given up for that (nothing
// outside is then writable); one that was named, and a mount that is asked for, are refused.
void keep_own_programs_out_of_reach(RunConfig& config, const std::string& programs,
                                    bool workspace_is_named);

}  // namespace awf::supervisor
