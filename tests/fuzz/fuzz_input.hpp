// What every fuzz target does with the bytes it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace awf::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT: bytes are what libFuzzer gives
}

}  // namespace awf::fuzz
