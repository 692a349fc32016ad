// A strict HTTP/1 response head, and where its body ends. Pure; input is hostile: one origin must
// not be able to make up the answer that another one gives on the same client connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "net/http_head.hpp"

namespace awf::net {

struct ResponseHead {
  unsigned status = 0;
  unsigned minor_version = 1;
  std::string reason;  // the phrase, often empty
  std::vector<HeaderField> fields;
  std::size_t size = 0;  // bytes of the head, its empty line included
};

// Nothing while more bytes are needed; otherwise a head or why it is none. As strict about lines
// and fields as read_request_head(); a missing reason phrase and its space are accepted.
std::optional<Result<ResponseHead>> read_response_head(std::string_view bytes);

// RFC 9112 §6.3. Nothing follows the head of an answer to HEAD, of 1xx, 204 and 304.
struct ResponseFraming {
  enum class Kind : std::uint8_t { kNone, kLength, kChunked, kUntilClose } kind = Kind::kNone;
  std::uint64_t length = 0;  // for kLength
};

// Refuses what two readers would cut differently: a repeated or malformed length, a length beside a
// transfer coding, a coding other than "chunked" (we send no TE, RFC 9110 §10.1.4).
Result<ResponseFraming> response_framing(const ResponseHead& head, std::string_view request_method);

}  // namespace awf::net
