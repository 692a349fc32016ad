// The host part of a policy entry, and which names it covers. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace awf::policy {

// Names are canonical (HostName::text()) wherever they appear here.
class HostPattern {
 public:
  enum class Kind : std::uint8_t {
    kTree,   // "x": x and every name below it
    kExact,  // "=x": x alone
    kBelow,  // "*.x": every name below x, at any depth, but not x
    kGlob,   // any other '*': zero or more characters, dots among them; anchored at both ends
  };

  // Accepts the spellings of HostName, one trailing dot and '*' in labels that are ASCII. The error
  // is a clause that follows the text.
  static Result<HostPattern> parse(std::string_view text);

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  // The labels that every covered name ends with: x above; for a glob what follows the last label
  // with a '*', without a dot in front, and possibly nothing.
  [[nodiscard]] std::string_view fixed_tail() const noexcept;
  // A glob as it is matched, otherwise x; parse(text()) gives an equal pattern.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool covers(std::string_view name) const noexcept;

  friend bool operator==(const HostPattern&, const HostPattern&) = default;

 private:
  HostPattern(Kind kind, std::string body) noexcept : kind_(kind), body_(std::move(body)) {}
  Kind kind_;
  std::string body_;  // without the "=" of kExact and the "*." of kBelow
};

}  // namespace awf::policy
