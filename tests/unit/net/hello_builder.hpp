// ClientHellos for tests, built field by field so that each can be made wrong.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace awf::net::testing {

using Bytes = std::vector<std::uint8_t>;

inline void append(Bytes& to, const Bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// `value` in `width` bytes, most significant first.
inline Bytes number(std::size_t value, std::size_t width) {
  Bytes bytes(width);
  for (std::size_t i = width; i-- > 0; value >>= 8U) {
    bytes[i] = static_cast<std::uint8_t>(value & 0xffU);
  }
  return bytes;
}

// A vector of the TLS presentation language.
inline Bytes sized(const Bytes& content, std::size_t width) {
  Bytes bytes = number(content.size(), width);
  append(bytes, content);
  return bytes;
}

inline Bytes text(std::string_view characters) {
  return {characters.begin(), characters.end()};
}

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts)
    append(all, part);
  return all;
}

inline Bytes extension(std::uint16_t type, const Bytes& data) {
  return joined({number(type, 2), sized(data, 2)});
}

inline Bytes name_entry(std::string_view name, std::uint8_t type = 0) {
  return joined({{type}, sized(text(name), 2)});
}

inline Bytes server_name(std::string_view name) {
  return extension(0, sized(name_entry(name), 2));
}

inline Bytes supported_versions(const std::vector<std::uint16_t>& versions) {
  Bytes list;
  for (const std::uint16_t version : versions)
    append(list, number(version, 2));
  return extension(43, sized(list, 1));
}

inline Bytes ech(std::uint8_t type, std::size_t payload_size = 100) {
  return extension(
      0xfe0d,
      joined({{type, 0, 1, 0, 1, 42}, sized(Bytes(32, 7), 2), sized(Bytes(payload_size, 9), 2)}));
}

struct HelloParts {
  std::uint16_t version = 0x0303;
  Bytes session_id = Bytes(32, 1);
  Bytes cipher_suites = {0x0a, 0x0a, 0x13, 0x01};
  Bytes compression = {0};
  std::vector<Bytes> extensions = {extension(0x2a2a, {}), server_name("example.com"),
                                   supported_versions({0x3a3a, 0x0304, 0x0303})};
  Bytes after;  // behind the extensions, inside the message
};

// The handshake message.
inline Bytes message(const HelloParts& parts) {
  Bytes extensions;
  for (const Bytes& one : parts.extensions)
    append(extensions, one);
  const Bytes body = joined({number(parts.version, 2), Bytes(32, 5), sized(parts.session_id, 1),
                             sized(parts.cipher_suites, 2), sized(parts.compression, 1),
                             sized(extensions, 2), parts.after});
  return joined({{1}, sized(body, 3)});
}

// The message in records of at most `most` bytes each.
inline Bytes records(const Bytes& handshake, std::size_t most = 16384) {
  Bytes all;
  for (std::size_t at = 0; at < handshake.size(); at += most) {
    const auto begin = handshake.begin() + static_cast<std::ptrdiff_t>(at);
    const auto size = std::min(most, handshake.size() - at);
    append(all,
           joined({{22, 3, 1}, sized(Bytes(begin, begin + static_cast<std::ptrdiff_t>(size)), 2)}));
  }
  return all;
}

inline Bytes hello(const HelloParts& parts = {}) {
  return records(message(parts));
}

inline HelloParts with_extensions(std::vector<Bytes> extensions) {
  HelloParts parts;
  parts.extensions = std::move(extensions);
  return parts;
}

}  // namespace awf::net::testing
