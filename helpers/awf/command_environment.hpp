// The environment that the command should get, as records for awf-unset-tokens.
#pragma once

#include <string>
#include <vector>

#include "awf/run_config.hpp"

namespace awf::supervisor {

// Throws Refusal when a variable is granted and `programs` lacks the library that guards it.
void verify_token_library(const RunConfig& config, const std::string& programs);

// NUL-terminated records "h:NAME=VALUE" (the caller's environment), "e:…" (--env), "g:NAME="
// (--grant) and "a:…" (AWF's own: proxy variables, HOME, PATH …). awf-unset-tokens decides what of
// it the command sees; here nothing is filtered, because only there can it be proven.
std::string environment_records(const RunConfig& config,
                                const std::vector<std::string>& host_environment);

}  // namespace awf::supervisor
