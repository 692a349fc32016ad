#include "token-unset/environment_rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "common/text.hpp"
#include "policy/protected_value.hpp"
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

bool comes_from_outside(const Record& record) {
  return record.origin == Origin::kHost || record.origin == Origin::kOpenHost ||
         record.origin == Origin::kFile || record.origin == Origin::kAsked;
}

// What was said of names alone.
struct Names {
  explicit Names(const std::vector<Record>& records) {
    for (const auto& record : records) {
      if (record.origin == Origin::kGrant) granted.insert(record.name);
      if (record.origin == Origin::kSecret) secret.insert(record.name);
      if (record.origin == Origin::kExclude) excluded.insert(record.name);
    }
  }
  [[nodiscard]] bool called_secret(const std::string& name) const {
    return granted.count(name) != 0 || secret.count(name) != 0;
  }
  [[nodiscard]] bool keep_out(const std::string& name) const {
    return policy::is_sensitive_name(name) || called_secret(name) || excluded.count(name) != 0;
  }
  std::set<std::string> granted, secret, excluded;
};

std::vector<ProtectedValue> find_protected_values(const std::vector<Record>& records,
                                                  const Names& names) {
  std::vector<ProtectedValue> values;
  for (const auto& record : records) {
    // AWF's own hold placeholders under the names of keys.
    if (!comes_from_outside(record)) continue;
    const auto value =
        policy::protected_part(record.name, record.value, names.called_secret(record.name));
    if (!value.empty()) values.push_back({record.name, std::string(value)});
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

// Longer ones come from mistakes (a file's content exported), and a few of them would keep every
// program from starting (execve(2), E2BIG).
constexpr std::size_t kLongestOfAll = 64UL * 1024;

void add_from_host(Variables& chosen, const std::vector<Record>& records, const Names& names,
                   std::vector<std::string>& notes) {
  for (const auto& record : records) {
    const bool open =
        record.origin == Origin::kOpenHost && policy::is_forwardable_name(record.name);
    const bool listed = (record.origin == Origin::kHost || record.origin == Origin::kOpenHost) &&
                        is_forwarded(record.name);
    if ((!open && !listed) || names.keep_out(record.name)) continue;
    if (!listed && record.value.size() > kLongestOfAll) {
      notes.push_back(quoted(record.name) + " is not passed on: longer than 64 KiB");
    } else {
      chosen.insert_or_assign(record.name, record);
    }
  }
}

// A file adds what is not there yet, what AWF itself sets included.
void add_from_file(Variables& chosen, const std::vector<Record>& records, const Names& names,
                   std::vector<std::string>& notes) {
  for (const auto& record : records) {
    if (record.origin != Origin::kFile || names.granted.count(record.name) != 0) continue;
    if (names.keep_out(record.name)) {
      if (names.excluded.count(record.name) == 0) {
        notes.push_back(
            "--env-file: " + quoted(record.name) +
            " is not passed on: its name is that of a secret (--grant lets it through)");
      }
    } else {
      chosen.emplace(record.name, record);
    }
  }
}

int precedence(Origin origin) {
  if (origin == Origin::kAsked) return 2;
  return origin == Origin::kFile ? 0 : 1;
}

// The value of a granted name is that of --env, or else the host's, or else a file's.
Variables granted_variables(const std::vector<Record>& records, const Names& names) {
  Variables chosen;
  for (const auto& record : records) {
    if (!comes_from_outside(record) || names.granted.count(record.name) == 0 ||
        names.excluded.count(record.name) != 0) {
      continue;
    }
    const auto [place, is_new] = chosen.emplace(record.name, record);
    if (!is_new && precedence(record.origin) >= precedence(place->second.origin)) {
      place->second = record;
    }
  }
  return chosen;
}

// A granted value may stand under a second name that is not granted; what it may not do is carry
// another secret along.
void add_granted(CommandEnvironment& result, const Variables& granted) {
  for (const auto& entry : granted) {
    const std::string& name = entry.first;
    const Record& record = entry.second;
    const auto value = trimmed(record.value);
    const auto other = std::find_if(result.protected_values.begin(), result.protected_values.end(),
                                    [&](const ProtectedValue& secret) {
                                      return secret.value != value &&
                                             record.value.find(secret.value) != std::string::npos;
                                    });
    if (other == result.protected_values.end()) {
      result.granted.push_back(name + "=" + record.value);
    } else {
      result.notes.push_back("--grant " + quoted(name) +
                             " is not passed on: it contains the value of " + quoted(other->name));
    }
  }
}

void add_asked_for(Variables& chosen, const std::vector<Record>& records, const Names& names,
                   std::vector<std::string>& notes) {
  for (const auto& record : records) {
    if (record.origin != Origin::kAsked || names.granted.count(record.name) != 0) continue;
    if (names.excluded.count(record.name) != 0) {
      notes.push_back("--env " + quoted(record.name) + " is not passed on: --exclude-env names it");
    } else if (names.keep_out(record.name)) {
      notes.push_back("--env " + quoted(record.name) +
                      " is not passed on: its name is that of a secret (--grant lets it through)");
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
  const Names names(records);
  result.protected_values = find_protected_values(records, names);
  Variables chosen;
  add_from_host(chosen, records, names, result.notes);
  add_from_file(chosen, records, names, result.notes);
  add_asked_for(chosen, records, names, result.notes);
  add_own(chosen, records, result.notes);
  add_granted(result, granted_variables(records, names));
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
