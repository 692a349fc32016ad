#include "self-test/tally.hpp"

#include <algorithm>

namespace awf::self_test {
namespace {

bool is_contained(const ProbeResult& result) noexcept {
  return result.outcome == Outcome::kContained;
}

const char* word_for(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kContained:
      return "ok ";
    case Outcome::kEscaped:
      return "ESCAPED ";
    case Outcome::kUnproven:
      return "FAILED ";
  }
  return "FAILED ";
}

}  // namespace

bool all_contained(const std::vector<ProbeResult>& results) noexcept {
  return !results.empty() && std::all_of(results.begin(), results.end(), is_contained);
}

std::string format_tally(const std::vector<ProbeResult>& results) {
  const auto contained = std::count_if(results.begin(), results.end(), is_contained);
  std::string text =
      "contained " + std::to_string(contained) + " of " + std::to_string(results.size());
  for (const auto& result : results) {
    text += "\n" + (word_for(result.outcome) + result.name) + ": " + result.detail;
  }
  return text;
}

}  // namespace awf::self_test
