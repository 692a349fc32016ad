#include "token-unset/environment_rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "common/text.hpp"
#include "policy/secret_names.hpp"

namespace awf::unset {
namespace {

using Variables = std::map<std::string, Record>;  // by name

bool is_forwarded(std::string_view name) {
  const auto names = policy::forwarded_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The variables that tell a program of a proxy; to set another is the user's business, since
// nothing is enforced by them.
bool names_a_proxy(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"http_proxy", "https_proxy", "all_proxy",
                                                      "ftp_proxy", "no_proxy"};
  return std::find(kNames.begin(), kNames.end(), ascii_lower(name)) != kNames.end();
}

std::vector<ProtectedValue> find_protected_values(const std::vector<Record>& records) {
  std::vector<ProtectedValue> values;
  for (const auto& record : records) {
    // AWF's own hold placeholders under the names of keys.
    if (record.origin == Origin::kOwn || !policy::is_sensitive_name(record.name)) continue;
    // Without the white space that a shell or a file left at its ends, so that a copy of the value
    // without it is found too.
    const auto value = trimmed(record.value);
    if (value.size() >= kShortestSecret) values.push_back({record.name, std::string(value)});
  }
  return values;
}

const ProtectedValue* secret_in(std::string_view text,
                                const std::vector<ProtectedValue>& protected_values) {
  for (const auto& secret : protected_values) {
    if (text.find(secret.value) != std::string_view::npos) return &secret;
  }
  return nullptr;
}

void add_from_host(Variables& chosen, const std::vector<Record>& records) {
  for (const auto& record : records) {
    if (record.origin == Origin::kHost && is_forwarded(record.name) &&
        !policy::is_sensitive_name(record.name)) {
      chosen.insert_or_assign(record.name, record);
    }
  }
}

void add_asked_for(Variables& chosen, const std::vector<Record>& records,
                   std::vector<std::string>& notes) {
  for (const auto& record : records) {
    if (record.origin != Origin::kAsked) continue;
    if (policy::is_sensitive_name(record.name)) {
      notes.push_back("--env " + quoted(record.name) +
                      " is not passed on: its name is that of a secret");
    } else {
      chosen.insert_or_assign(record.name, record);
    }
  }
}

void add_own(Variables& chosen, const std::vector<Record>& records,
             std::vector<std::string>& notes) {
  for (const auto& record : records) {
    if (record.origin != Origin::kOwn) continue;
    const auto before = chosen.find(record.name);
    const bool asked_for = before != chosen.end() && before->second.origin == Origin::kAsked;
    if (asked_for && names_a_proxy(record.name)) continue;
    if (asked_for && before->second.value != record.value) {
      notes.push_back("--env " + quoted(record.name) + " is not passed on: AWF sets it");
    }
    chosen.insert_or_assign(record.name, record);
  }
}

Error own_holds_secret(const std::string& name, const std::string& secret) {
  return Error{"the value of " + quoted(secret) + " is part of " + name +
               ", which the command needs; start awf without that variable (env -u NAME awf …) if "
               "it is no secret"};
}

}  // namespace

Result<CommandEnvironment> build_environment(const std::vector<Record>& records) {
  CommandEnvironment result;
  result.protected_values = find_protected_values(records);
  Variables chosen;
  add_from_host(chosen, records);
  add_asked_for(chosen, records, result.notes);
  add_own(chosen, records, result.notes);
  for (const auto& [name, record] : chosen) {
    const std::string variable = name + "=" + record.value;
    const auto* secret = secret_in(variable, result.protected_values);
    if (secret == nullptr) {
      result.variables.push_back(variable);
    } else if (record.origin == Origin::kOwn) {
      return own_holds_secret(name, secret->name);
    } else {
      result.notes.push_back(quoted(name) + " is not passed on: it contains the value of " +
                             quoted(secret->name));
    }
  }
  return result;
}

std::string secret_in_command(const std::vector<std::string>& command,
                              const std::vector<ProtectedValue>& protected_values) {
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (const auto* secret = secret_in(command[i], protected_values)) {
      return "word " + std::to_string(i) + " of the command contains the value of " +
             quoted(secret->name) + "; every process could read it there";
    }
  }
  return {};
}

bool holds_secret(const std::vector<std::string>& variables,
                  const std::vector<ProtectedValue>& protected_values) {
  return std::any_of(variables.begin(), variables.end(), [&](const std::string& variable) {
    return secret_in(variable, protected_values) != nullptr;
  });
}

}  // namespace awf::unset
