#include "redact/options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cstdio>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::redact {
namespace {

using Strings = std::vector<std::string>;

po::options_description description() {
  po::options_description all("Options");
  all.add_options()("secrets-fd", po::value<std::string>(), "")("stream", po::value<Strings>(), "")(
      "actions", "")("add-masks", "")("uid", po::value<std::string>(), "")(
      "gid", po::value<std::string>(), "")("help", "");
  return all;
}

Stream parse_stream(const std::string& text) {
  const auto ends = split(text, ':');
  if (ends.size() != 2) {
    throw Refusal("--stream " + quoted(text) + " is not IN:OUT, two descriptors such as 4:1");
  }
  return {cli::open_fd("stream", std::string(ends[0])),
          cli::open_fd("stream", std::string(ends[1]))};
}

}  // namespace

std::string help_text() {
  return "awf-redact --secrets-fd N --stream IN:OUT [--stream IN:OUT ...] [options]\n\n"
         "Copies each IN to its OUT until all have ended, with every secret value replaced by\n"
         "\"***\" in whatever encoding it stands there.\n\n"
         "  --secrets-fd N   descriptor with the values, each ended by a NUL byte\n"
         "  --stream IN:OUT  two open descriptors; repeatable\n"
         "  --actions        take the meaning out of GitHub workflow commands\n"
         "  --add-masks      first write an ::add-mask:: line for each value to the first OUT;\n"
         "                   only where GitHub's runner itself reads it\n"
         "  --uid N          become this user, when everything is open\n"
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
  if (words.command) throw Refusal("awf-redact runs no command; remove \"--\" and what follows");
  if (values.count("secrets-fd") == 0) throw Refusal("--secrets-fd is missing");
  if (values.count("stream") == 0) throw Refusal("--stream IN:OUT is missing");
  Options options;
  options.secrets_fd = cli::open_fd("secrets-fd", values["secrets-fd"].as<std::string>());
  for (const auto& text : values["stream"].as<Strings>())
    options.streams.push_back(parse_stream(text));
  options.actions = values.count("actions") != 0;
  options.add_masks = values.count("add-masks") != 0;
  options.uid = cli::id_option(values, "uid", 0);
  options.gid = cli::id_option(values, "gid", 0);
  return options;
}

}  // namespace awf::redact
