// Where a chunked body ends (RFC 9112 §7.1), found while its bytes are relayed as they are. Pure;
// input is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/limits.hpp"

namespace awf::net {

// Feeds on pieces of any size and keeps no bytes. Stricter than the RFC where implementations are
// known to differ, since a difference moves the border between two messages: CR LF after every line
// and chunk, sizes of at most kMaxChunkSizeDigits digits and kMaxChunkBytes; in a request no chunk
// extensions and no trailer fields. A response may have both, of kMaxChunkExtras bytes at most.
class ChunkedBody {
 public:
  enum class State : std::uint8_t { kOpen, kEnded, kMalformed };
  enum class Of : std::uint8_t { kRequest, kResponse };

  explicit ChunkedBody(Of message = Of::kRequest) noexcept : message_(message) {}

  // Returns how many of `bytes` belong to the body and may be relayed. Fewer than given only when
  // the body has ended (the rest is the next request) or is malformed (the connection must end).
  std::size_t feed(std::string_view bytes);

  [[nodiscard]] State state() const noexcept { return state_; }
  // What is wrong when kMalformed; empty otherwise. Never contains the peer's bytes.
  [[nodiscard]] std::string_view error() const noexcept { return error_; }

 private:
  enum class Expect : std::uint8_t {
    kFirstDigit,
    kDigitOrCr,
    kSizeLf,
    kExtension,
    kData,
    kDataCr,
    kDataLf,
    kEndCr,
    kEndLf,
    kTrailer,
    kTrailerLf,
  };

  void take_one(char c);
  void take_first(char c);
  void take_digit(char c);
  void take_extra(char c);
  void take_end(char c);
  void fail(std::string_view why) noexcept;

  Of message_;
  State state_ = State::kOpen;
  Expect expect_ = Expect::kFirstDigit;
  std::uint64_t size_ = 0;  // of this chunk; counts down in kData
  std::size_t digits_ = 0;
  std::size_t extras_ = 0;  // bytes of this chunk's extensions, or of the trailer
  std::string_view error_;
};

}  // namespace awf::net
