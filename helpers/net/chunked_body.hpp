// Where a chunked request body ends (RFC 9112 §7.1), found while its bytes are relayed as they
// are. Pure; input is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/limits.hpp"

namespace awf::net {

// Feeds on pieces of any size and keeps no bytes. Stricter than the RFC where implementations are
// known to differ, since a difference moves the border between two requests: no chunk extensions,
// no trailer fields, CR LF after every line and chunk, sizes of at most kMaxChunkSizeDigits digits
// and kMaxChunkBytes.
class ChunkedBody {
 public:
  enum class State : std::uint8_t { kOpen, kEnded, kMalformed };

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
    kData,
    kDataCr,
    kDataLf,
    kEndCr,
    kEndLf,
  };

  void take_one(char c);
  void take_digit(char c);
  void fail(std::string_view why) noexcept;

  State state_ = State::kOpen;
  Expect expect_ = Expect::kFirstDigit;
  std::uint64_t size_ = 0;  // of this chunk; counts down in kData
  std::size_t digits_ = 0;
  std::string_view error_;
};

}  // namespace awf::net
