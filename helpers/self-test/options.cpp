#include "self-test/options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <sstream>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::self_test {
namespace {

po::options_description describe_options() {
  po::options_description all("Options");
  all.add_options()(
      "control-fd", po::value<std::string>()->value_name("N"),
      "send the tally there and wait for \"go\"; without it the tally goes to stderr")(
      "allowed-name", po::value<std::string>()->value_name("NAME"),
      "a name whose port 443 the policy allows: its listener must answer")(
      "intercept-range", po::value<std::vector<std::string>>()->value_name("CIDR"),
      "addresses that the policy lists, as given to awf-firewall: no probe dials them; may be "
      "repeated")("help", "this text");
  return all;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  const auto arguments = cli::split_arguments(argc, argv);
  const auto values = cli::parse(arguments.options, describe_options());
  Options options;
  options.help = values.count("help") != 0;
  if (options.help) return options;
  if (values.count("control-fd") != 0) {
    options.control_fd = cli::open_fd("control-fd", values["control-fd"].as<std::string>());
  }
  if (values.count("allowed-name") != 0) {
    options.allowed_name = values["allowed-name"].as<std::string>();
  }
  if (values.count("intercept-range") != 0) {
    for (const auto& text : values["intercept-range"].as<std::vector<std::string>>()) {
      auto range = policy::IpRange::parse(text);
      if (!range) throw Refusal("--intercept-range " + quoted(text) + ": " + range.error());
      options.listed.push_back(*range);
    }
  }
  if (!arguments.command || arguments.command->empty()) {
    throw Refusal("no program to run afterwards; write: awf-self-test [options] -- PROGRAM …");
  }
  options.next = *arguments.command;
  return options;
}

std::string help_text() {
  std::ostringstream text;
  text << "Usage: awf-self-test [options] -- PROGRAM [ARGUMENTS]\n\n"
          "Tries the ways out of the sandbox from inside and runs PROGRAM only when none is "
          "open.\n\n"
       << describe_options();
  return text.str();
}

}  // namespace awf::self_test
