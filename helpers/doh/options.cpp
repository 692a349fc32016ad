#include "doh/options.hpp"

#include <sstream>

#include "common/check.hpp"
#include "common/cli.hpp"

namespace po = boost::program_options;

namespace awf::doh {
namespace {

po::options_description description() {
  po::options_description options("Options");
  auto add = options.add_options();
  const auto word = [] { return po::value<std::string>(); };
  add("control-fd", word(), "message channel to the egress proxy");
  add("url", word(), "the DoH server: https://host[:port]/path");
  add("dns-server", po::value<std::vector<std::string>>(),
      "looks up the DoH server's own name, instead of the machine's; repeatable");
  add("uid", word(), "become this user before serving (with --gid)");
  add("gid", word(), "become this group before serving (with --uid)");
  add("help", "show this text");
  return options;
}

std::string required(const po::variables_map& values, const std::string& name) {
  if (values.count(name) == 0) throw Refusal("--" + name + " is required (--help lists all)");
  return values[name].as<std::string>();
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  const auto split = cli::split_arguments(argc, argv);
  if (split.command) throw Refusal("awf-doh runs no command");
  const auto values = cli::parse(split.options, description());
  Options options;
  options.help = values.count("help") != 0;
  if (options.help) return options;
  options.control_fd = cli::open_fd("control-fd", required(values, "control-fd"));
  auto url = net::parse_doh_url(required(values, "url"));
  if (!url) throw Refusal("--url: " + url.error());
  options.url = std::move(url).value();
  if (values.count("dns-server") != 0) {
    for (const auto& text : values["dns-server"].as<std::vector<std::string>>()) {
      options.dns_servers.push_back(net::DnsServer::parse(text).or_refuse());
    }
  }
  // 0 is what it is to be rid of.
  options.uid = cli::id_option(values, "uid", 1);
  options.gid = cli::id_option(values, "gid", 1);
  if (options.uid.has_value() != options.gid.has_value()) {
    throw Refusal("--uid and --gid belong together");
  }
  return options;
}

std::string help_text() {
  std::ostringstream text;
  text << "awf-doh --control-fd N --url https://host/path [--dns-server A]... [--uid U --gid G]\n"
          "Looks names up for the egress proxy by DNS over HTTPS.\n\n"
       << description();
  return text.str();
}

}  // namespace awf::doh
