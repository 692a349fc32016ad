// What the probes found, and how it is told. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace awf::self_test {

enum class Outcome : std::uint8_t {
  kContained,
  kEscaped,   // the probe got out, or saw what it must not see
  kUnproven,  // neither: the probe could not be carried out; counts as a failure
};

struct ProbeResult {
  std::string name;
  Outcome outcome = Outcome::kUnproven;
  std::string detail;
};

bool all_contained(const std::vector<ProbeResult>& results) noexcept;

// "contained 10 of 11", then a line a probe: "ok NAME: DETAIL", "ESCAPED …" or "FAILED …".
std::string format_tally(const std::vector<ProbeResult>& results);

}  // namespace awf::self_test
