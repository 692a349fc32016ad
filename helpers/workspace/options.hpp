// The command line of awf-workspace.
#pragma once

#include <optional>
#include <string>

namespace awf::workspace {

struct Options {
  int control_fd = -1;
  std::optional<int> report_fd;
  std::string directory;
  std::optional<unsigned> uid;
  std::optional<unsigned> gid;
};

// Nothing when --help was asked for and answered. Throws Refusal.
std::optional<Options> parse_options(int argc, const char* const* argv);

std::string help_text();

}  // namespace awf::workspace
