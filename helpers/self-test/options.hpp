// The command line of awf-self-test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/ip_range.hpp"

namespace awf::self_test {

struct Options {
  std::optional<int> control_fd;
  std::optional<std::string> allowed_name;
  std::vector<policy::IpRange> listed;  // --intercept-range: what the policy lists is not dialled
  std::vector<std::string> next;        // what to run afterwards
  bool help = false;
};

// Throws Refusal for a bad command line.
Options parse_options(int argc, const char* const* argv);

std::string help_text();

}  // namespace awf::self_test
