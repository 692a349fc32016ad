// A state machine over single bytes, except for the data of a chunk, which is skipped in one step.
#include "net/chunked_body.hpp"

#include <algorithm>
#include <optional>

#include "net/http_syntax.hpp"

namespace awf::net {
namespace {

std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
  return std::nullopt;
}

}  // namespace

void ChunkedBody::fail(std::string_view why) noexcept {
  state_ = State::kMalformed;
  error_ = why;
}

void ChunkedBody::take_first(char c) {
  if (!hex_digit(c)) return fail("a chunk does not start with its size");
  extras_ = 0;
  take_digit(c);
}

void ChunkedBody::take_digit(char c) {
  const auto digit = hex_digit(c);
  if (!digit && c == ';' && message_ == Of::kResponse) {
    expect_ = Expect::kExtension;
    return;
  }
  if (!digit) return fail("a chunk size is not followed by CR LF");
  if (++digits_ > kMaxChunkSizeDigits) return fail("a chunk size has too many digits");
  size_ = size_ * 16 + *digit;
  if (size_ > kMaxChunkBytes) return fail("a chunk is larger than 2 GiB");
  expect_ = Expect::kDigitOrCr;
}

// A byte of an extension or a trailer field: only its line's end matters.
void ChunkedBody::take_extra(char c) {
  if (c == '\r') {
    expect_ = expect_ == Expect::kExtension ? Expect::kSizeLf : Expect::kTrailerLf;
    return;
  }
  if (!syntax::is_value_char(c)) return fail("control characters beside a chunk");
  if (++extras_ > kMaxChunkExtras) return fail("too much beside the chunks");
}

// What may follow the last chunk or a trailer field.
void ChunkedBody::take_end(char c) {
  if (c == '\r') {
    expect_ = Expect::kEndLf;
    return;
  }
  if (message_ == Of::kRequest) return fail("trailer fields are not accepted");
  expect_ = Expect::kTrailer;
  take_extra(c);
}

void ChunkedBody::take_one(char c) {
  const auto want = [&](char wanted, Expect next, std::string_view otherwise) {
    if (c != wanted) return fail(otherwise);
    expect_ = next;
  };
  switch (expect_) {
    case Expect::kFirstDigit:
      return take_first(c);
    case Expect::kDigitOrCr:
      if (c != '\r') return take_digit(c);
      expect_ = Expect::kSizeLf;
      return;
    case Expect::kExtension:
    case Expect::kTrailer:
      return take_extra(c);
    case Expect::kSizeLf:
      return want('\n', size_ == 0 ? Expect::kEndCr : Expect::kData,
                  "a chunk size is not followed by CR LF");
    case Expect::kData:
    case Expect::kDataCr:
      return want('\r', Expect::kDataLf, "a chunk is not followed by CR LF");
    case Expect::kDataLf:
      size_ = 0;
      digits_ = 0;
      return want('\n', Expect::kFirstDigit, "a chunk is not followed by CR LF");
    case Expect::kTrailerLf:
      return want('\n', Expect::kEndCr, "a trailer field is not followed by CR LF");
    case Expect::kEndCr:
      return take_end(c);
    case Expect::kEndLf:
      if (c != '\n') return fail("the last chunk is not followed by CR LF");
      state_ = State::kEnded;
      return;
  }
}

std::size_t ChunkedBody::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ == State::kOpen && taken < bytes.size()) {
    if (expect_ == Expect::kData) {
      const auto here = static_cast<std::size_t>(
          std::min(size_, static_cast<std::uint64_t>(bytes.size() - taken)));
      taken += here;
      size_ -= here;
      if (size_ == 0) expect_ = Expect::kDataCr;
      continue;
    }
    take_one(bytes[taken]);
    if (state_ != State::kMalformed) ++taken;
  }
  return taken;
}

}  // namespace awf::net
