#include "firewall/options.hpp"

#include <boost/program_options/value_semantic.hpp>
#include <sstream>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::firewall {
namespace {

po::options_description describe() {
  po::options_description description("Options");
  description.add_options()("help", "print this help and exit")(
      "user-namespace", "make a user namespace as well, for callers without root")(
      "control-fd", po::value<std::string>()->value_name("FD"),
      "message channel: \"listeners\" and the sockets go out, \"go\" comes in")(
      "intercept-range", po::value<std::vector<std::string>>()->value_name("CIDR"),
      "hand TCP to these addresses to the interceptor; may be repeated")(
      "print-ruleset", "print the packet rules and exit; changes nothing");
  return description;
}

policy::IpRange range_option(const std::string& text) {
  auto range = policy::IpRange::parse(text);
  if (!range) throw Refusal("--intercept-range " + quoted(text) + ": " + range.error());
  return *range;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  auto words = cli::split_arguments(argc, argv);
  const auto values = cli::parse(words.options, describe());
  Options options;
  options.help = values.count("help") > 0;
  options.print_ruleset = values.count("print-ruleset") > 0;
  options.user_namespace = values.count("user-namespace") > 0;
  if (values.count("intercept-range") > 0) {
    for (const auto& text : values["intercept-range"].as<std::vector<std::string>>()) {
      options.intercept_ranges.push_back(range_option(text));
    }
  }
  if (options.help || options.print_ruleset) return options;
  if (values.count("control-fd") == 0) throw Refusal("--control-fd FD is required");
  options.control_fd = cli::open_fd("control-fd", values["control-fd"].as<std::string>());
  if (!words.command || words.command->empty()) {
    throw Refusal("no program to run: name it after \"--\"");
  }
  options.command = *std::move(words.command);
  return options;
}

std::string help_text() {
  std::ostringstream text;
  text << "usage: awf-firewall [OPTIONS] --control-fd FD -- PROGRAM [ARGUMENTS...]\n"
          "Runs PROGRAM in a network namespace without a wire, behind packet rules.\n\n"
       << describe();
  return text.str();
}

}  // namespace awf::firewall
