// The command line of awf-exit-relay as one validated value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace awf::exit_relay {

struct Options {
  std::optional<int> control_fd;  // an open descriptor
  std::optional<std::chrono::seconds> time_limit;
  std::chrono::seconds kill_after{10};  // between SIGTERM and SIGKILL at the time limit
  std::vector<std::string> command;
};

// Nothing when --help was asked for (and printed). Throws Refusal.
std::optional<Options> parse_options(int argc, const char* const* argv);

}  // namespace awf::exit_relay
