// So many a second, and as many at once.
#pragma once

#include <algorithm>
#include <chrono>

namespace awf::egress {

// A token bucket that holds one second's worth. Pure but for the time it is told.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RateLimit(double per_second) : per_second_(per_second), left_(per_second) {}

  // Nothing is left now.
  bool is_spent(Time now) {
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    left_ = std::min(per_second_, left_ + std::max(0.0, passed.count()) * per_second_);
    return left_ < 1;
  }

  // False: beyond the limit, and nothing was taken.
  bool take(Time now) {
    if (is_spent(now)) return false;
    left_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double left_;
  Time last_{};
};

}  // namespace awf::egress
