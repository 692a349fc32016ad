// One stream, cleaned: whatever matches a form becomes "***", wherever the stream is cut.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/secret.hpp"
#include "redact/matcher.hpp"

namespace awf::redact {

inline constexpr std::string_view kMask = "***";

// Every byte that belongs to an occurrence of a form is hidden, also where occurrences overlap; a
// run of hidden bytes becomes one "***". So the output depends on the bytes alone, not on how they
// arrived. Held back is only the longest suffix that could still become an occurrence. The output
// is never longer than the input. Memory: the longest form and one piece of input.
class Redactor {
 public:
  // Borrows `matcher` for its lifetime.
  explicit Redactor(const Matcher& matcher);

  // Where the next `size` bytes of the stream may be put, for put() of as many or fewer.
  char* room_for(std::size_t size);
  // The next `size` bytes are there. Appends to `out` what is decided now.
  void put(std::size_t size, std::string& out);
  // Both for bytes that lie elsewhere.
  void feed(std::string_view bytes, std::string& out);

  // The stream has ended: what was held back can become nothing any more.
  void finish(std::string& out);

  [[nodiscard]] std::size_t held_back() const noexcept { return held_; }

 private:
  void sort_and_join();
  void write_until(std::size_t end, std::string& out);

  const Matcher& matcher_;
  Secret buffer_;  // what is held back, then the new bytes
  std::size_t held_ = 0;
  std::size_t covered_ = 0;  // that many of the held bytes belong to an occurrence before them
  bool in_mask_ = false;     // the last byte written was hidden
  std::vector<Interval> found_;
};

// A whole text at once.
std::string redacted(const Matcher& matcher, std::string_view text);

}  // namespace awf::redact
