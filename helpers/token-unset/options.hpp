// The command line of awf-unset-tokens.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace awf::unset {

struct Options {
  int environment_fd = -1;
  std::vector<std::string> command;
};

// Nothing when --help was asked for and answered. Throws Refusal.
std::optional<Options> parse_options(int argc, const char* const* argv);

std::string help_text();

}  // namespace awf::unset
