// awf-firewall: a network namespace without a wire, its packet rules and its listeners.
#include <cstdio>

#include "common/child.hpp"
#include "common/run_main.hpp"
#include "firewall/firewall.hpp"
#include "firewall/options.hpp"
#include "firewall/ruleset.hpp"

namespace {

int run(int argc, const char* const* argv) {
  const auto options = awf::firewall::parse_options(argc, argv);
  if (options.help) {
    (void)std::fputs(awf::firewall::help_text().c_str(), stdout);
    return 0;
  }
  if (options.print_ruleset) {
    (void)std::fputs(awf::firewall::build_ruleset(options.intercept_ranges).c_str(), stdout);
    return 0;
  }
  awf::firewall::raise_firewall(options);
  awf::exec_program(options.command);
}

}  // namespace

int main(int argc, char** argv) {
  return awf::run_main("awf-firewall", [&] { return run(argc, argv); });
}
