// Text that came from outside: splitting it, reading numbers from it, showing it safely.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace awf {

// Without ASCII white space at both ends.
std::string_view trimmed(std::string_view text) noexcept;

// The pieces between separators, empty ones included: "a,,b" is "a", "", "b".
std::vector<std::string_view> split(std::string_view text, char separator);

// ASCII letters in lower case; other bytes as they are (never the locale's idea).
std::string ascii_lower(std::string_view text);

// Foreign text for a log line or an error: in double quotes, everything but printable ASCII as
// \xNN, cut after `limit` bytes with "…". Never contains a newline or an escape sequence.
std::string quoted(std::string_view text, std::size_t limit = 120);
// With <iomanip> in sight, argument-dependent look-up also finds std::quoted, whose templates fit a
// std::string exactly; these fit as well and win, not being templates.
inline std::string quoted(const std::string& text, std::size_t limit = 120) {
  return quoted(std::string_view(text), limit);
}
inline std::string quoted(std::string& text, std::size_t limit = 120) {
  return quoted(std::string_view(text), limit);
}
inline std::string quoted(const char* text, std::size_t limit = 120) {
  return quoted(std::string_view(text), limit);
}

// The whole text as a decimal number, or nothing: no sign, no white space, no leading '+'.
template <typename Unsigned>
std::optional<Unsigned> parse_number(std::string_view text) noexcept {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  Unsigned value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Is `path` `directory` itself or below it? Both absolute and normal, without a slash at the end.
bool is_at_or_below(std::string_view path, std::string_view directory) noexcept;

// The candidate nearest to `word` by edit distance (at most a third of its length, or 2), or
// nothing: for "did you mean".
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace awf
