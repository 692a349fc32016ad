#include "redact/defuser.hpp"

#include <algorithm>
#include <cstring>

namespace awf::redact {
namespace {

constexpr char kBackslash = '\\';

bool ends_line(char c) noexcept {
  return c == '\n' || c == '\r';
}

// Every byte that white space can consist of in UTF-8 (U+0085, U+00A0, U+2003 ...), and more: all
// controls and all bytes beyond ASCII. A reader that drops what it does not know, or decodes
// otherwise than we think, still finds no command.
bool may_be_white_space(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte >= 0x7f;
}

// FF FE and FE FF are UTF-16, 00 00 FE FF is UTF-32, EF BB BF is swallowed.
bool may_begin_byte_order_mark(char c) noexcept {
  return c == '\xff' || c == '\xfe' || c == '\xef' || c == '\0';
}

// The next place at or after `from` of one byte value, remembered until it is passed, so that a
// byte that does not occur costs one fast look over the whole text.
class Finder {
 public:
  Finder(std::string_view text, char wanted) noexcept : text_(text), wanted_(wanted) {}
  std::size_t next(std::size_t from) noexcept {
    if (known_ && found_ >= from) return found_;
    const void* at = std::memchr(text_.data() + from, wanted_, text_.size() - from);
    found_ = at == nullptr ? text_.size()
                           : static_cast<std::size_t>(static_cast<const char*>(at) - text_.data());
    known_ = true;
    return found_;
  }

 private:
  std::string_view text_;
  char wanted_;
  std::size_t found_ = 0;
  bool known_ = false;
};

}  // namespace

bool Defuser::needs_backslash(char byte) {
  if (place_ == Place::kStreamStart) {
    place_ = Place::kLineStart;
    if (may_begin_byte_order_mark(byte)) {
      place_ = Place::kInside;
      return true;
    }
  }
  if (ends_line(byte)) {
    place_ = Place::kLineStart;
    hashes_ = 0;
    return false;
  }
  const bool second_colon = place_ == Place::kColon && byte == ':';
  if (place_ == Place::kColon || (place_ == Place::kLineStart && !may_be_white_space(byte))) {
    place_ = place_ == Place::kLineStart && byte == ':' ? Place::kColon : Place::kInside;
  }
  const bool bracket = hashes_ == 2 && byte == '[';
  hashes_ = byte == '#' ? std::min(hashes_ + 1, 2U) : 0;
  return second_colon || bracket;
}

void Defuser::feed(std::string_view text, std::string& out) {
  Finder line_feed(text, '\n');
  Finder carriage_return(text, '\r');
  Finder hash(text, '#');
  for (std::size_t at = 0; at < text.size();) {
    if (place_ == Place::kInside && hashes_ == 0) {
      const std::size_t next =
          std::min({line_feed.next(at), carriage_return.next(at), hash.next(at)});
      out.append(text.data() + at, next - at);
      at = next;
      if (at == text.size()) return;
    }
    if (needs_backslash(text[at])) out.push_back(kBackslash);
    out.push_back(text[at++]);
  }
}

}  // namespace awf::redact
