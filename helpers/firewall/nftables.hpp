// Giving a ruleset to the kernel through libnftables, without the nft program.
#pragma once

#include <string>

namespace awf::firewall {

// Applies `ruleset` to the caller's network namespace in one transaction, then reads back what the
// kernel holds and compares it. The namespace must hold no rules before. Throws Refusal with the
// library's reason, or when the two differ.
void apply_ruleset(const std::string& ruleset);

}  // namespace awf::firewall
