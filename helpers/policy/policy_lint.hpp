// What a policy says that has no effect: entries that others cover or that the block list undoes.
// Entries that open more than they seem to are EgressPolicy::warnings(). Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/egress_policy.hpp"

namespace awf::policy {

// One line a finding, "domains.txt:3: entry "api.github.com": is covered by "github.com" …".
struct LintFindings {
  std::vector<std::string> blocked;  // allow entries that allow nothing, since a block entry wins
  std::vector<std::string> covered;  // allow entries that another one makes superfluous
};

// For lists that EgressPolicy::build() has taken; entries that it would refuse are passed over.
LintFindings lint(const std::vector<SourceEntry>& allow, const std::vector<SourceEntry>& block);

}  // namespace awf::policy
