// When each step of a run's start was done, for "awf plan --timings". Pure but for the clock.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace awf::supervisor {

class Timeline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Timeline(Clock::time_point start = Clock::now()) : start_(start) {}

  // `step` names what is done now; a literal.
  void mark(const char* step, Clock::time_point now = Clock::now()) {
    marks_.push_back({step, now});
  }

  // A line a step, in their order: milliseconds since the start, since the step before, and its
  // name.
  [[nodiscard]] std::string text() const;

 private:
  struct Mark {
    const char* step;
    Clock::time_point at;
  };
  Clock::time_point start_;
  std::vector<Mark> marks_;
};

}  // namespace awf::supervisor
