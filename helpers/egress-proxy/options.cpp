#include "egress-proxy/options.hpp"

#include <sstream>

#include "common/check.hpp"
#include "common/cli.hpp"

namespace po = boost::program_options;

namespace awf::egress {
namespace {

po::options_description description() {
  po::options_description options("Options");
  auto add = options.add_options();
  add("control-fd", po::value<std::string>(), "message channel to the supervisor");
  add("policy-fd", po::value<std::string>(), "run policy as one JSON object");
  add("audit-fd", po::value<std::string>(), "where audit.jsonl is appended");
  add("access-log-fd", po::value<std::string>(), "where access.log is appended");
  add("mapped-names-fd", po::value<std::string>(),
      "read-write file of the run that keeps the names of mapped addresses");
  add("doh-program", po::value<std::string>(),
      "absolute path of awf-doh; needed when the run policy has dnsOverHttps");
  add("uid", po::value<std::string>(), "become this user before serving (with --gid)");
  add("gid", po::value<std::string>(), "become this group before serving (with --uid)");
  add("help", "show this text");
  return options;
}

int required_fd(const po::variables_map& values, const std::string& name) {
  if (values.count(name) == 0) throw Refusal("--" + name + " is required (--help lists all)");
  return cli::open_fd(name, values[name].as<std::string>());
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  const auto split = cli::split_arguments(argc, argv);
  if (split.command) throw Refusal("awf-egress-proxy runs no command");
  const auto values = cli::parse(split.options, description());
  Options options;
  options.help = values.count("help") != 0;
  if (options.help) return options;
  options.control_fd = required_fd(values, "control-fd");
  options.policy_fd = required_fd(values, "policy-fd");
  options.audit_fd = required_fd(values, "audit-fd");
  options.access_log_fd = required_fd(values, "access-log-fd");
  options.mapped_names_fd = required_fd(values, "mapped-names-fd");
  if (values.count("doh-program") != 0) {
    options.doh_program = values["doh-program"].as<std::string>();
    if (options.doh_program.substr(0, 1) != "/") {
      throw Refusal("--doh-program is not an absolute path");
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
  text << "awf-egress-proxy --control-fd N --policy-fd N --audit-fd N --access-log-fd N\n"
          "                 --mapped-names-fd N [--doh-program PATH] [--uid U --gid G]\n"
          "Serves the sockets of a sandbox from outside it: decides, resolves, dials, audits.\n\n"
       << description();
  return text.str();
}

}  // namespace awf::egress
