// The capability sets of a process as proc(5) shows them. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/text.hpp"

namespace awf::firewall {

struct CapabilitySets {
  std::uint64_t inheritable = 0;
  std::uint64_t permitted = 0;
  std::uint64_t effective = 0;
  std::uint64_t ambient = 0;
};

// From the text of /proc/PID/status; nothing when a line is missing or no hexadecimal number.
inline std::optional<CapabilitySets> read_capability_sets(std::string_view status) {
  CapabilitySets sets;
  unsigned found = 0;
  const auto take = [&](std::string_view line, std::string_view name, std::uint64_t& set) {
    if (!line.starts_with(name)) return;
    const auto digits = trimmed(line.substr(name.size()));
    const auto* end = digits.data() + digits.size();
    constexpr int kHexadecimal = 16;
    const auto [stop, error] = std::from_chars(digits.data(), end, set, kHexadecimal);
    if (error == std::errc{} && stop == end) ++found;
  };
  for (const auto line : split(status, '\n')) {
    take(line, "CapInh:", sets.inheritable);
    take(line, "CapPrm:", sets.permitted);
    take(line, "CapEff:", sets.effective);
    take(line, "CapAmb:", sets.ambient);
  }
  if (found != 4) return std::nullopt;
  return sets;
}

}  // namespace awf::firewall
