// Which values are protected: kept from the command, and hidden in whatever it prints. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "common/text.hpp"
#include "policy/secret_names.hpp"

namespace awf::policy {

// Shorter values are not protected by value: "1" or "true" occurs everywhere.
inline constexpr std::size_t kShortestSecret = 6;

// The part of a variable's value that is protected, or nothing. `called_secret`: the user has
// called this name one (--grant, --secret). Without the white space that a shell or a file left at
// its ends, so that a copy of the value without it is found too.
inline std::string_view protected_part(std::string_view name, std::string_view value,
                                       bool called_secret) noexcept {
  if (!called_secret && !is_sensitive_name(name)) return {};
  const auto part = trimmed(value);
  return part.size() < kShortestSecret ? std::string_view{} : part;
}

}  // namespace awf::policy
