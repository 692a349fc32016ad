// The command line of awf-firewall.
#pragma once

#include <string>
#include <vector>

#include "policy/ip_range.hpp"

namespace awf::firewall {

struct Options {
  bool help = false;
  bool print_ruleset = false;
  bool user_namespace = false;
  int control_fd = -1;
  std::vector<policy::IpRange> intercept_ranges;
  std::vector<std::string> command;  // not empty unless help or print_ruleset
};

// Throws Refusal.
Options parse_options(int argc, const char* const* argv);

std::string help_text();

}  // namespace awf::firewall
