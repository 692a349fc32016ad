// A strict HTTP/1 request head: one reading of every byte, or a refusal. Pure; input is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "net/limits.hpp"

namespace awf::net {

struct HeaderField {
  std::string name;   // as sent
  std::string value;  // without white space at its ends
};

// How the end of the request's body is found (RFC 9112 §6.3). Anything ambiguous was refused.
struct BodyFraming {
  enum class Kind : std::uint8_t { kNone, kLength, kChunked } kind = Kind::kNone;
  std::uint64_t length = 0;  // for kLength
};

struct RequestHead {
  std::string method;
  std::string target;      // as sent
  unsigned minor_version;  // HTTP/1.0 or HTTP/1.1
  std::vector<HeaderField> fields;
  BodyFraming body;
  std::size_t size = 0;  // bytes of the head, its empty line included

  // The value of a field that may appear once only; nothing when absent. ASCII case folded.
  [[nodiscard]] const std::string* field(std::string_view name) const noexcept;
};

// Nothing while more bytes are needed; otherwise a head or the reason for a 400. Refuses: bare LF
// or CR, obs-fold, NUL, white space before ':', both Content-Length and Transfer-Encoding,
// repeated or signed lengths, codings other than exactly "chunked", two Hosts, HTTP/1.1 without
// Host, a head over kMaxHeadBytes or kMaxFields.
std::optional<Result<RequestHead>> read_request_head(std::string_view bytes);

// "host", "host:port", "[v6]:port" of a CONNECT target or Host field.
struct Authority {
  std::string host;  // without brackets, not yet judged
  std::optional<std::uint16_t> port;
  bool bracketed = false;
};
Result<Authority> read_authority(std::string_view text);

// "http://authority/path?query" of a proxy request (RFC 9112 §3.2.2). Refuses userinfo, fragment,
// backslash, white space and other schemes.
struct AbsoluteTarget {
  Authority authority;
  std::string origin_form;  // "/path?query", never empty
};
Result<AbsoluteTarget> read_absolute_target(std::string_view target);

}  // namespace awf::net
