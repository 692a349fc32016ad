// Command lines of AWF's programs: "PROGRAM [OPTIONS] -- COMMAND [ARGS...]".
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>
#include <string>
#include <vector>

namespace awf::cli {

struct SplitArguments {
  std::vector<std::string> options;  // before the first "--", without argv[0]
  // After it; nothing when there is no "--" at all.
  std::optional<std::vector<std::string>> command;
};

// Splits at the first "--" ourselves: Program_options would take the command's words for options.
SplitArguments split_arguments(int argc, const char* const* argv);

// Parses with abbreviation guessing off and stray words refused. Throws Refusal with one line;
// for an unknown option it names the nearest known one.
boost::program_options::variables_map parse(
    const std::vector<std::string>& options,
    const boost::program_options::options_description& description);

// A decimal number option in [least, most]; Refusal names the option, the value and the range.
unsigned long number_in(const std::string& option, const std::string& value, unsigned long least,
                        unsigned long most);

// A user or group id option in [least, most that there is]; nothing when it was not given. The
// largest number is setresuid(2)'s "leave as it is".
std::optional<unsigned> id_option(const boost::program_options::variables_map& values,
                                  const std::string& option, unsigned least);

// A descriptor option ("--control-fd 3"): refused unless the descriptor is open.
int open_fd(const std::string& option, const std::string& value);

}  // namespace awf::cli
