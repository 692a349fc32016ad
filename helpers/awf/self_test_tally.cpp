#include "awf/self_test_tally.hpp"

#include "common/text.hpp"

namespace awf::supervisor {

std::optional<std::string> open_ways(std::string_view report) {
  const auto lines = split(report, '\n');
  std::string open;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty() || lines[i].substr(0, 3) == "ok ") continue;
    open += (open.empty() ? "" : "; ") + std::string(lines[i]);
  }
  const auto words = split(lines.front(), ' ');
  const bool complete =
      words.size() == 4 && words[0] == "contained" && words[2] == "of" && words[1] == words[3];
  if (complete && open.empty()) return std::nullopt;
  return std::string(lines.front()) + (open.empty() ? "" : "; " + open);
}

}  // namespace awf::supervisor
