// The one canonical form of a DNS host name; whatever is not one is refused here, before any
// decision. Pure.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace awf::policy {

// Lower case, IDNA 2008 A-labels (RFC 5891), no trailing dot, at most 253 bytes, labels of 1 to 63
// letters, digits, '-' and '_' (RFC 1123 and the underscore of service names), not starting or
// ending with '-'. Its last label is not a number, so that it can never be read as an IPv4 address
// in any spelling (WHATWG URL, "ends in a number").
class HostName {
 public:
  static constexpr std::size_t kMaxLength = 253;

  // Accepts upper case, one trailing dot and valid UTF-8 U-labels; refuses everything else, among
  // it NUL, CR, LF, white space, '%', '\\', empty labels and IP literals. The error is a clause
  // that follows the name, which it does not repeat: "contains a space, which no host name may".
  static Result<HostName> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  friend auto operator<=>(const HostName&, const HostName&) = default;

 private:
  explicit HostName(std::string text) noexcept : text_(std::move(text)) {}
  std::string text_;
};

// Labels with dots between them in canonical form, by the rules above but those on the whole name
// (its length, its last label): for the fixed parts of a pattern.
Result<std::string> canonical_labels(std::string_view text);

}  // namespace awf::policy
