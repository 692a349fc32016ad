// What the options say of the command's environment, judged before anything starts.
#pragma once

#include <string>
#include <vector>

#include "awf/identity.hpp"
#include "awf/options.hpp"

namespace awf::supervisor {

struct EnvironmentConfig {
  std::vector<std::string> asked_for;       // NAME=VALUE of --env
  std::vector<std::string> from_files;      // NAME=VALUE of --env-file
  std::vector<std::string> granted_names;   // secrets that the command may have
  std::vector<std::string> secret_names;    // secrets whose names do not tell
  std::vector<std::string> excluded_names;  // what it must not have, whoever asks
  bool forward_all = false;                 // --env-all
};

// Reads the files. Throws Refusal with one line that shows no value: what is no name or no
// variable, a file that cannot be read, and a --secret whose value is too short to be hidden.
// `host_variables`: the caller's environment.
EnvironmentConfig judge_environment(const Options& options, const GetVariable& host_variables);

// NAME=VALUE lines, empty lines and # comments; values are literal. Throws Refusal that names
// `file` and the line, never what it says. Pure.
std::vector<std::string> variables_of_file(const std::string& content, const std::string& file);

}  // namespace awf::supervisor
