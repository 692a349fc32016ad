#include "exit-relay/options.hpp"

#include <iostream>

#include "common/check.hpp"
#include "common/cli.hpp"

namespace po = boost::program_options;

namespace awf::exit_relay {
namespace {

// A year and an hour: far above any job, far below what overflows a timer.
constexpr unsigned long kLongestLimit = 366UL * 24 * 3600;
constexpr unsigned long kLongestGrace = 3600;

po::options_description describe_options() {
  po::options_description description("Options");
  auto add = description.add_options();
  add("help", "print this and exit");
  add("control-fd", po::value<std::string>(),
      "descriptor of the supervisor's channel; its end ends everything");
  add("time-limit", po::value<std::string>(),
      "seconds after which the command gets SIGTERM; exit code 124");
  add("kill-after", po::value<std::string>()->default_value("10"),
      "seconds between that SIGTERM and SIGKILL");
  return description;
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  const auto arguments = cli::split_arguments(argc, argv);
  const auto description = describe_options();
  const auto values = cli::parse(arguments.options, description);
  if (values.count("help") != 0) {
    std::cout
        << "awf-exit-relay [OPTIONS] -- PROGRAM [ARGS...]\n"
           "Runs the program in new PID, IPC and UTS namespaces; PID 1 there reaps, forwards\n"
           "signals and relays the exact exit status.\n\n"
        << description;
    return std::nullopt;
  }
  Options options;
  const auto text = [&values](const char* name) { return values[name].as<std::string>(); };
  if (values.count("control-fd") != 0) {
    options.control_fd = cli::open_fd("control-fd", text("control-fd"));
  }
  if (values.count("time-limit") != 0) {
    options.time_limit =
        std::chrono::seconds(cli::number_in("time-limit", text("time-limit"), 1, kLongestLimit));
  }
  options.kill_after =
      std::chrono::seconds(cli::number_in("kill-after", text("kill-after"), 0, kLongestGrace));
  if (!arguments.command || arguments.command->empty()) {
    throw Refusal("no program to run; it comes after \"--\"");
  }
  options.command = *arguments.command;
  return options;
}

}  // namespace awf::exit_relay
