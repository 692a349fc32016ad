#include "token-unset/options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cstdio>

#include "common/check.hpp"
#include "common/cli.hpp"

namespace po = boost::program_options;

namespace awf::unset {
namespace {

po::options_description description() {
  po::options_description all("Options");
  all.add_options()("environment-fd", po::value<std::string>(), "")("help", "");
  return all;
}

}  // namespace

std::string help_text() {
  return "awf-unset-tokens --environment-fd N -- COMMAND [ARGS...]\n\n"
         "Runs COMMAND with an environment in which no protected value occurs.\n\n"
         "  --environment-fd N  descriptor with records \"h:NAME=VALUE\" (host), \"e:...\" (asked\n"
         "                      for) and \"a:...\" (AWF's own), each ended by a NUL byte\n"
         "  --help              print this\n";
}

std::optional<Options> parse_options(int argc, const char* const* argv) {
  const auto words = cli::split_arguments(argc, argv);
  const auto values = cli::parse(words.options, description());
  if (values.count("help") != 0) {
    (void)std::fputs(help_text().c_str(), stdout);
    return std::nullopt;
  }
  if (values.count("environment-fd") == 0) throw Refusal("--environment-fd is missing");
  Options options;
  options.environment_fd =
      cli::open_fd("environment-fd", values["environment-fd"].as<std::string>());
  options.command = words.command.value_or(std::vector<std::string>{});
  if (options.command.empty()) {
    throw Refusal("no command: awf-unset-tokens --environment-fd N -- COMMAND [ARGS...]");
  }
  return options;
}

}  // namespace awf::unset
