// What a person needs after a command met the policy: what was denied, why, and what to write.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace awf::supervisor {

// Denials of one target, counted.
struct DeniedTarget {
  std::string target;  // "evil.com:443", "1.1.1.1:443/udp"
  std::string reason;
  std::string entry;  // what --allow-domains would have to hold; empty when no entry could help
  std::uint64_t count = 0;
};

// Reads audit records (one JSON object a line, schema awf-audit/1); lines that are not such records
// are passed over, since a run that was cut short may leave half a line. Sorted by count.
std::vector<DeniedTarget> denied_targets(std::string_view audit);

// The text for stderr: at most `most` targets, then how many more there were, then the ready line.
// Empty when nothing was denied.
std::string denial_help(const std::vector<DeniedTarget>& denied, std::size_t most = 20);

}  // namespace awf::supervisor
