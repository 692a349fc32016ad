#include "common/cli.hpp"

#include <fcntl.h>

#include <boost/program_options/parsers.hpp>
#include <limits>

#include "common/check.hpp"
#include "common/text.hpp"

namespace po = boost::program_options;

namespace awf::cli {
namespace {

std::string with_nearest(const std::string& option, const po::options_description& description) {
  std::vector<std::string> known;
  for (const auto& o : description.options())
    known.push_back("--" + o->long_name());
  const std::string word = option.substr(0, option.find('='));
  std::string message = "unknown option " + quoted(word);
  if (const auto near = nearest(word, known)) message += "; did you mean " + *near + "?";
  return message + " (--help lists all)";
}

}  // namespace

SplitArguments split_arguments(int argc, const char* const* argv) {
  SplitArguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!result.command && word == "--") {
      result.command.emplace();
    } else if (result.command) {
      result.command->push_back(word);
    } else {
      result.options.push_back(word);
    }
  }
  return result;
}

po::variables_map parse(const std::vector<std::string>& options,
                        const po::options_description& description) {
  // No guessing (--allow is not --allow-domains), no sticky or disguised forms.
  constexpr int kStyle =
      po::command_line_style::allow_long | po::command_line_style::long_allow_adjacent |
      po::command_line_style::long_allow_next | po::command_line_style::allow_short |
      po::command_line_style::short_allow_next | po::command_line_style::allow_dash_for_short;
  try {
    po::positional_options_description no_strays;
    po::variables_map values;
    po::store(po::command_line_parser(options)
                  .options(description)
                  .positional(no_strays)
                  .style(kStyle)
                  .run(),
              values);
    po::notify(values);
    return values;
  } catch (const po::unknown_option& error) {
    throw Refusal(with_nearest(error.get_option_name(), description));
  } catch (const po::too_many_positional_options_error&) {
    std::string word;
    for (const auto& o : options) {
      if (!o.empty() && o.front() != '-') word = o;
    }
    throw Refusal("stray word " + quoted(word) +
                  " before \"--\"; the command and its arguments come after \"--\"");
  } catch (const po::error& error) {
    throw Refusal(std::string(error.what()) + " (--help lists all)");
  }
}

unsigned long number_in(const std::string& option, const std::string& value, unsigned long least,
                        unsigned long most) {
  const auto number = parse_number<unsigned long>(value);
  if (!number || *number < least || *number > most) {
    throw Refusal("--" + option + " " + quoted(value) + " is not a whole number from " +
                  std::to_string(least) + " to " + std::to_string(most));
  }
  return *number;
}

std::optional<unsigned> id_option(const po::variables_map& values, const std::string& option,
                                  unsigned least) {
  if (values.count(option) == 0) return std::nullopt;
  constexpr auto kMost = std::numeric_limits<unsigned>::max() - 1;
  return static_cast<unsigned>(number_in(option, values[option].as<std::string>(), least, kMost));
}

int open_fd(const std::string& option, const std::string& value) {
  constexpr unsigned long kMostFds = 1UL << 20U;
  const int fd = static_cast<int>(number_in(option, value, 0, kMostFds));
  if (::fcntl(fd, F_GETFD) < 0) {
    throw Refusal("--" + option + " " + value + " is not an open descriptor");
  }
  return fd;
}

}  // namespace awf::cli
