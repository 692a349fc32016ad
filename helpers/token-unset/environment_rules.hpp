// Which variables the command gets. Pure; the one place of these rules (design §6).
#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "token-unset/records.hpp"

namespace awf::unset {

// A value that the command must not get, and the variable it came from.
struct ProtectedValue {
  std::string name;
  std::string value;
};

struct CommandEnvironment {
  std::vector<std::string> variables;  // NAME=VALUE, sorted by name
  std::vector<std::string> granted;    // likewise: the secrets that --grant lets through
  std::vector<std::string> notes;      // for people: names, never a part of a value
  std::vector<ProtectedValue> protected_values;
};

// In this order:
//  1. A sensitive name (policy/secret_names.hpp) of the host, a file or --env is dropped, and its
//     value becomes a protected value. So is one that --secret or --grant names; the latter alone
//     passes. An excluded name never does.
//  2. Of the host's other variables those on the allow-list pass (under --env-all: every
//  forwardable
//     one up to 64 KiB), then what a file adds under new names, then what --env asked for, then
//     AWF's own, which --env can replace only where they name a proxy.
//  3. A variable that contains a protected value anywhere is dropped as well, whatever its name; a
//     granted one only when it is the value of another that is not exactly the same.
// The error: a variable of AWF's own contains a protected value, so that the command can have
// neither without it.
Result<CommandEnvironment> build_environment(const std::vector<Record>& records);

// Nothing when no protected value occurs in the words of the command; otherwise why it must not be
// run, with the position of the word (0 is the command).
std::string secret_in_command(const std::vector<std::string>& command,
                              const std::vector<ProtectedValue>& protected_values);

// Does any protected value occur in the finished environment? The proof, independent of the rules.
bool holds_secret(const std::vector<std::string>& variables,
                  const std::vector<ProtectedValue>& protected_values);

}  // namespace awf::unset
