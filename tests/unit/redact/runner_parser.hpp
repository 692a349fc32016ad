// How GitHub's runner finds workflow commands in the bytes of a stream, written from its documented
// behaviour (TrimStart, "::name::", "##[name]" anywhere, ReadLine) and sharing nothing with ours.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace awf::redact::test {

// Code points; what is no UTF-8 becomes U+FFFD, a leading byte order mark is dropped, and one of
// UTF-16 makes all the rest UTF-16, as a StreamReader does.
inline std::u32string decoded(std::string_view bytes) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  std::u32string text;
  if (bytes.size() >= 2 && (bytes.substr(0, 2) == "\xff\xfe" || bytes.substr(0, 2) == "\xfe\xff")) {
    const std::size_t low = bytes[0] == '\xff' ? 0 : 1;
    for (std::size_t i = 2; i + 1 < bytes.size(); i += 2)
      text += static_cast<char32_t>(at(i + low) | at(i + 1 - low) << 8U);
    return text;
  }
  std::size_t i = bytes.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
  while (i < bytes.size()) {
    const std::uint32_t lead = at(i);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    bool good = length != 0 && i + length <= bytes.size();
    std::uint32_t value = length < 2 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t j = 1; good && j < length; ++j) {
      good = (at(i + j) & 0xc0U) == 0x80U;
      value = value << 6U | (at(i + j) & 0x3fU);
    }
    const std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    good = good && value >= least.at(length) && value <= 0x10ffff &&
           (value < 0xd800 || value > 0xdfff);
    text += good ? static_cast<char32_t>(value) : U'\xfffd';
    i += good ? length : 1;
  }
  return text;
}

inline bool is_white_space(char32_t c) {
  return (c >= 0x9 && c <= 0xd) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

inline bool is_command(std::u32string_view line) {
  if (line.find(U"##[") != std::u32string_view::npos) return true;
  while (!line.empty() && is_white_space(line.front()))
    line.remove_prefix(1);
  return line.substr(0, 2) == U"::";
}

// Whether the runner would even begin to read any line as a command.
inline bool has_command(std::string_view bytes) {
  const auto text = decoded(bytes);
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find_first_of(U"\r\n", begin), text.size());
    if (is_command(std::u32string_view(text).substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace awf::redact::test
