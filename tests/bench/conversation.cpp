#include "conversation.hpp"

#include <cstdint>

namespace awf::bench {
namespace {

std::string number(std::size_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    text.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
  return text;
}

std::string with_length(std::string_view content, int bytes) {
  return number(content.size(), bytes) + std::string(content);
}

std::string extension(std::uint16_t type, std::string_view content) {
  return number(type, 2) + with_length(content, 2);
}

std::string server_name(std::string_view name) {
  return extension(0, with_length(std::string(1, '\0') + with_length(name, 2), 2));
}

}  // namespace

std::string client_hello(std::string_view name) {
  using namespace std::literals;
  const std::string random(32, '\x5a');
  const std::string ciphers =
      "\x13\x01\x13\x02\x13\x03\xc0\x2b\xc0\x2f\xc0\x2c\xc0\x30"
      "\xcc\xa9\xcc\xa8\xc0\x13\xc0\x14\x00\x9c\x00\x9d\x00\x2f\x00\x35"s;
  std::string extensions = server_name(name);
  extensions += extension(23, "");                                            // extended secret
  extensions += extension(10, with_length("\x00\x1d\x00\x17\x00\x18"sv, 2));  // groups
  extensions += extension(11, "\x01\x00"sv);
  extensions += extension(16, with_length("\x02h2\x08http/1.1"sv, 2));
  extensions += extension(13, with_length("\x04\x03\x08\x04\x04\x01\x05\x03\x08\x05"sv, 2));
  extensions += extension(51, with_length("\x00\x1d"s + with_length(random, 2), 2));  // key share
  extensions += extension(45, "\x01\x01"sv);
  extensions += extension(43, "\x04\x03\x04\x03\x03"sv);
  std::string body =
      "\x03\x03" + random + with_length(random, 1) + with_length(ciphers, 2) + "\x01\x00"s;
  // RFC 7685: clients pad to 512 bytes of handshake.
  constexpr std::size_t kPadded = 512;
  const std::size_t sofar = 4 + body.size() + 2 + extensions.size() + 4;
  extensions += extension(21, std::string(sofar < kPadded ? kPadded - sofar : 0, '\0'));
  body += with_length(extensions, 2);
  const std::string handshake = "\x01" + with_length(body, 3);
  return "\x16\x03\x01" + with_length(handshake, 2);
}

}  // namespace awf::bench
