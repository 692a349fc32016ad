#include "confine/options.hpp"

#include <iostream>
#include <limits>

#include "common/check.hpp"
#include "common/cli.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::confine {
namespace {

// (uid_t)-1 means "leave as it is" to setresuid(2), which would make a drop look done.
constexpr unsigned long kHighestId = 0xfffffffeUL;

po::options_description describe_options() {
  po::options_description description("Options");
  auto add = description.add_options();
  add("help", "print this and exit");
  add("uid", po::value<std::string>(), "user to become (a number)");
  add("gid", po::value<std::string>(), "group to become (a number)");
  add("groups", po::value<std::string>()->default_value(""),
      "supplementary groups (numbers with commas between them); none by default");
  add("keep-fd", po::value<std::vector<std::string>>()->default_value({}, ""),
      "descriptor that stays open; repeatable. 0, 1 and 2 always do");
  add("process-limit", po::value<std::string>(),
      "RLIMIT_NPROC: processes and threads of this user in this user namespace");
  add("file-size-limit", po::value<std::string>(), "RLIMIT_FSIZE in bytes");
  add("terminal", "make standard input, a terminal of nobody's, the controlling one");
  return description;
}

std::string required(const po::variables_map& values, const char* option) {
  if (values.count(option) == 0) throw Refusal(std::string("--") + option + " is missing");
  return values[option].as<std::string>();
}

std::optional<std::uint64_t> optional_number(const po::variables_map& values, const char* option,
                                             unsigned long least) {
  constexpr unsigned long kMost = std::numeric_limits<unsigned long>::max() - 1;  // RLIM_INFINITY
  if (values.count(option) == 0) return std::nullopt;
  return cli::number_in(option, values[option].as<std::string>(), least, kMost);
}

std::vector<gid_t> parse_groups(const std::string& list) {
  std::vector<gid_t> groups;
  if (list.empty()) return groups;
  for (const auto item : split(list, ',')) {
    groups.push_back(
        static_cast<gid_t>(cli::number_in("groups", std::string(item), 0, kHighestId)));
  }
  return groups;
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  const auto arguments = cli::split_arguments(argc, argv);
  const auto description = describe_options();
  const auto values = cli::parse(arguments.options, description);
  if (values.count("help") != 0) {
    std::cout << "awf-confine --uid N --gid N [OPTIONS] -- PROGRAM [ARGS...]\n"
                 "Gives up all authority, proves it, and runs the program.\n\n"
              << description;
    return std::nullopt;
  }
  Options options;
  options.uid = static_cast<uid_t>(cli::number_in("uid", required(values, "uid"), 0, kHighestId));
  options.gid = static_cast<gid_t>(cli::number_in("gid", required(values, "gid"), 0, kHighestId));
  options.groups = parse_groups(values["groups"].as<std::string>());
  for (const auto& fd : values["keep-fd"].as<std::vector<std::string>>()) {
    options.keep_fds.push_back(cli::open_fd("keep-fd", fd));
  }
  options.process_limit = optional_number(values, "process-limit", 1);
  options.file_size_limit = optional_number(values, "file-size-limit", 0);
  options.terminal = values.count("terminal") != 0;
  if (!arguments.command || arguments.command->empty()) {
    throw Refusal("no program to run; it comes after \"--\"");
  }
  options.command = *arguments.command;
  return options;
}

}  // namespace awf::confine
