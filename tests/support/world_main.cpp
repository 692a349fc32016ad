// awf-test-world: a test world for a person to look around in.
//
// usage: awf-test-world [--without-ipv4] [--without-ipv6] [--show-packets] [-- COMMAND [ARGS...]]
// Runs COMMAND (a shell when there is none) on the world's machine with this terminal, and with
// --show-packets lists at the end what left that machine. The exit code is the command's.
#include <signal.h>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <iostream>

#include "common/cli.hpp"
#include "common/run_main.hpp"
#include "support/world.hpp"

namespace {

using namespace awf::test_world;

void print_welcome() {
  std::cerr << "A machine (" << kMachine4 << ", " << kMachine6 << ") on an internet of "
            << kServedNames.size() << " names. Every address answers; nothing leaves here.\n";
  for (const ServedName& served : kServedNames) {
    std::cerr << "  " << served.name << "  " << served.address4 << "  " << served.address6 << "\n";
  }
  std::cerr << "Try: awf --allow-domains github.com -- curl https://api.github.com\n";
}

void print_packets(World& world) {
  for (const Packets& packets : world.packets())
    std::cout << packets << "\n";
  for (const std::string& query : world.dns_queries())
    std::cout << "asked DNS: " << query << "\n";
}

int run(int argc, const char* const* argv) {
  namespace po = boost::program_options;
  po::options_description description("awf-test-world [OPTIONS] [-- COMMAND [ARGS...]]");
  description.add_options()("help", "show this text")("without-ipv4", "a machine without IPv4")(
      "without-ipv6", "a machine without IPv6")("show-packets",
                                                "list at the end what left the machine");
  const auto split = awf::cli::split_arguments(argc, argv);
  const auto options = awf::cli::parse(split.options, description);
  if (options.count("help") != 0) {
    std::cout << description;
    return 0;
  }
  World world =
      World::start({options.count("without-ipv4") == 0, options.count("without-ipv6") == 0});
  const std::vector<std::string> command =
      split.command.value_or(std::vector<std::string>{"/bin/bash"});
  if (!split.command) print_welcome();
  // Ctrl-C is for the command; we end when it does.
  (void)::signal(SIGINT, SIG_IGN);
  RunOptions options_for_person;
  options_for_person.inherit_terminal = true;
  options_for_person.limit = std::chrono::hours(24);
  const int code = world.run_in_machine(command, options_for_person).exit_code;
  if (options.count("show-packets") != 0) print_packets(world);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  return awf::run_main("awf-test-world", [&] { return run(argc, argv); });
}
