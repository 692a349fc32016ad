// What of the host must not be seen, looked for once, while the host's tree is in sight.
#pragma once

#include <string>
#include <vector>

#include "credential-mask/hidden_paths.hpp"
#include "credential-mask/mount_plan.hpp"
#include "credential-mask/options.hpp"

namespace awf::mask {

struct Survey {
  HiddenPaths hidden;
  std::vector<std::string> private_directories;  // of the plan, those that the host has
  std::vector<std::string> linked;               // hidden files that have further names somewhere
};

// `options` are resolved and `plan` is theirs. Changes nothing.
Survey survey_host(const Options& options, const std::vector<Step>& plan);

}  // namespace awf::mask
