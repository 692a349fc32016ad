#include "awf/timeline.hpp"

#include <fmt/format.h>

namespace awf::supervisor {

std::string Timeline::text() const {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  std::string text = "    at   took  step (milliseconds)\n";
  Clock::time_point before = start_;
  for (const auto& mark : marks_) {
    text += fmt::format("{:6.1f} {:6.1f}  {}\n", Milliseconds(mark.at - start_).count(),
                        Milliseconds(mark.at - before).count(), mark.step);
    before = mark.at;
  }
  return text;
}

}  // namespace awf::supervisor
