// The environment that the command should get, as records for awf-unset-tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "awf/run_config.hpp"

namespace awf::supervisor {

// Throws Refusal when a variable is granted and `programs` lacks the library that guards it.
void verify_token_library(const RunConfig& config, const std::string& programs);

// PATH for the command: the directories of `added_lines` (GitHub's file GITHUB_PATH, absolute ones
// alone), the last line first, before `path`. Pure.
std::string search_path(std::string_view path, std::string_view added_lines);

// NUL-terminated records as token-unset/README.md lists them: the caller's environment, what the
// options say of it, and AWF's own variables (proxy, HOME, PATH …). awf-unset-tokens decides what
// of it the command sees; here nothing is filtered, because only there can it be proven.
std::string environment_records(const RunConfig& config,
                                const std::vector<std::string>& host_environment);

}  // namespace awf::supervisor
