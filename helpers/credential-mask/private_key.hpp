// Which files are secrets by their name or content. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace awf::mask {

// How much of a file looks_like_private_key wants to see: keys begin with their marker, but a
// "Bag Attributes" preamble of OpenSSL may come first.
inline constexpr std::size_t kKeyHeadBytes = 4096;

// The beginning of a PEM (RFC 7468), OpenSSH or PuTTY private key, in clear or encrypted?
bool looks_like_private_key(std::string_view head) noexcept;

// A pattern with at most one '*', which stands for any bytes but '/'.
bool matches_glob(std::string_view pattern, std::string_view name) noexcept;

}  // namespace awf::mask
