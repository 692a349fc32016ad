#include "workspace/options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cstdio>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::workspace {
namespace {

po::options_description description() {
  po::options_description all("Options");
  const auto word = [] { return po::value<std::string>(); };
  all.add_options()("control-fd", word(), "")("report-fd", word(), "")("directory", word(), "")(
      "uid", word(), "")("gid", word(), "")("help", "");
  return all;
}

}  // namespace

std::string help_text() {
  return "awf-workspace --control-fd N --directory DIR [options]\n\n"
         "Looks at DIR now and, when told \"finish\", again, and tells which files that run "
         "outside\n"
         "the sandbox have changed; beside the command, looks for secrets of known shapes.\n\n"
         "  --control-fd N   channel: sends \"ready\", receives \"finish\", sends \"finished S "
         "C\"\n"
         "  --report-fd N    file for workspace.json; without it no secrets are looked for\n"
         "  --directory DIR  the workspace\n"
         "  --uid N          become this user first\n"
         "  --gid N          become this group\n"
         "  --help           print this\n";
}

std::optional<Options> parse_options(int argc, const char* const* argv) {
  const auto words = cli::split_arguments(argc, argv);
  const auto values = cli::parse(words.options, description());
  if (values.count("help") != 0) {
    (void)std::fputs(help_text().c_str(), stdout);
    return std::nullopt;
  }
  if (words.command) throw Refusal("awf-workspace runs no command; remove \"--\" and what follows");
  for (const char* option : {"control-fd", "directory"})
    if (values.count(option) == 0) throw Refusal(std::string("--") + option + " is missing");
  Options options;
  options.control_fd = cli::open_fd("control-fd", values["control-fd"].as<std::string>());
  if (values.count("report-fd") != 0) {
    options.report_fd = cli::open_fd("report-fd", values["report-fd"].as<std::string>());
  }
  options.directory = values["directory"].as<std::string>();
  if (options.directory.empty() || options.directory.front() != '/') {
    throw Refusal("--directory " + quoted(options.directory) + " is not an absolute path");
  }
  options.uid = cli::id_option(values, "uid", 0);
  options.gid = cli::id_option(values, "gid", 0);
  return options;
}

}  // namespace awf::workspace
