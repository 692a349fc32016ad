// Where GitHub's runner keeps its own files on this machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "awf/identity.hpp"

namespace awf::supervisor {

struct RunnerPlaces {
  // The runner's temporary directory: command files, scripts, tokens, the event. Canonical.
  std::optional<std::string> temp;
  // What else must not be seen: temporary directories beside it, registration, keys, logs. Some may
  // not exist.
  std::vector<std::string> hidden;
};

// From RUNNER_TEMP and the other variables that name directories of the runner, from the shape of
// the directories above `start`, and from the runner's programs among `ancestors` (executables of
// the processes above this one). Throws Refusal when RUNNER_TEMP names no directory.
RunnerPlaces find_runner_places(const GetVariable& variable, const std::string& start,
                                const std::vector<std::string>& ancestors);

// The executables of the processes above this one, as far as they may be known.
std::vector<std::string> executables_above();

}  // namespace awf::supervisor
