// The one DNS question that the probes ask (RFC 1035 §4). Pure; a library would weigh more than the
// program.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace awf::self_test {

inline constexpr unsigned kNoError = 0;
inline constexpr unsigned kNoSuchName = 3;  // NXDOMAIN

// An A query for `name` (letters, digits, hyphens, dots; labels of 1 to 63 bytes).
std::vector<std::uint8_t> make_query(std::uint16_t id, std::string_view name);

struct Answer {
  unsigned response_code = 0;
  std::optional<std::array<std::uint8_t, 4>> address;  // the first A record
};

// Nothing when the bytes are not a whole answer to the query with this id.
std::optional<Answer> read_answer(std::uint16_t id, std::span<const std::uint8_t> bytes);

}  // namespace awf::self_test
