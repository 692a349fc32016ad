#include "awf/environment_config.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "policy/protected_value.hpp"

namespace awf::supervisor {
namespace {

constexpr std::size_t kVariableFileLimit = 1UL << 20U;

bool is_variable_name(std::string_view name) {
  const auto is_name_byte = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_name_byte);
}

// The same text might be a secret that was pasted where a name belongs: it is not repeated.
void verify_names(const std::vector<std::string>& names, const std::string& option) {
  if (std::all_of(names.begin(), names.end(), is_variable_name)) return;
  throw Refusal(option + " takes the name of a variable, and this is none; write " + option +
                " NAME");
}

void verify_variable(const std::string& text) {
  const auto equals = text.find('=');
  const std::string name = text.substr(0, equals);
  // The value may be a secret that was pasted without its name: it is not repeated.
  if (equals == std::string::npos || !is_variable_name(name))
    throw Refusal("--env " + quoted(name, 40) + "…: write NAME=VALUE");
}

std::vector<std::string> read_variables(const std::vector<std::string>& files) {
  std::vector<std::string> all;
  for (const auto& file : files) {
    std::string content;
    try {
      content = read_file(file, kVariableFileLimit);
    } catch (const SystemFailure& failure) {
      throw Refusal(std::string("--env-file: ") + failure.what() + "; name a readable file");
    }
    const auto variables = variables_of_file(content, file);
    all.insert(all.end(), variables.begin(), variables.end());
  }
  return all;
}

bool is_of(const std::string& variable, const std::string& name) {
  return variable.size() > name.size() && variable[name.size()] == '=' &&
         variable.compare(0, name.size(), name) == 0;
}

// Short values occur everywhere, so that hiding them would garble every output and finding them in
// other variables would drop half the environment.
void verify_length(const std::string& name, std::string_view value) {
  const auto size = trimmed(value).size();
  if (size == 0 || size >= policy::kShortestSecret) return;
  throw Refusal("--secret " + name + ": its value is shorter than " +
                std::to_string(policy::kShortestSecret) +
                " characters, which occur everywhere and cannot be hidden; choose a longer secret");
}

void verify_secrets(const EnvironmentConfig& config, const GetVariable& host_variables) {
  for (const auto& name : config.secret_names) {
    if (const auto value = host_variables(name)) verify_length(name, *value);
    for (const auto* variables : {&config.asked_for, &config.from_files}) {
      for (const auto& variable : *variables) {
        if (is_of(variable, name)) {
          verify_length(name, std::string_view(variable).substr(name.size() + 1));
        }
      }
    }
  }
}

}  // namespace

std::vector<std::string> variables_of_file(const std::string& content, const std::string& file) {
  std::vector<std::string> variables;
  std::size_t number = 0;
  for (std::string_view line : split(content, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty() || line.front() == '#') continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || !is_variable_name(line.substr(0, equals)) ||
        line.find('\0') != std::string_view::npos) {
      throw Refusal("--env-file: " + file + ":" + std::to_string(number) +
                    " is not NAME=VALUE, a # comment or empty");
    }
    variables.emplace_back(line);
  }
  return variables;
}

EnvironmentConfig judge_environment(const Options& options, const GetVariable& host_variables) {
  verify_names(options.grants, "--grant");
  verify_names(options.secrets, "--secret");
  verify_names(options.excluded_variables, "--exclude-env");
  std::for_each(options.environment.begin(), options.environment.end(), verify_variable);
  EnvironmentConfig config{.asked_for = options.environment,
                           .from_files = read_variables(options.environment_files),
                           .granted_names = options.grants,
                           .secret_names = options.secrets,
                           .excluded_names = options.excluded_variables,
                           .forward_all = options.forward_all};
  verify_secrets(config, host_variables);
  return config;
}

}  // namespace awf::supervisor
