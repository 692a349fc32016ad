#include "redact/encodings.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace awf::redact {
namespace {

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

std::string_view digits_of(HexCase letters) {
  return letters == HexCase::kLower ? kLowerDigits : kUpperDigits;
}

unsigned byte_of(char c) {
  return static_cast<unsigned char>(c);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool holds(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

void append_two_digits(Secret& out, unsigned byte, HexCase letters) {
  const auto digits = digits_of(letters);
  out.append(digits[byte >> 4U]);
  out.append(digits[byte & 0xfU]);
}

void append_utf16_escape(Secret& out, unsigned unit) {
  out.append("\\u");
  append_two_digits(out, (unit >> 8U) & 0xffU, HexCase::kLower);
  append_two_digits(out, unit & 0xffU, HexCase::kLower);
}

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 1;
};

// A stray byte is what Python makes of it: a lone surrogate (PEP 383).
CodePoint code_point_at(std::string_view text, std::size_t at) {
  const unsigned lead = byte_of(text[at]);
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  if (lead < 0x80) return {lead, 1};
  const CodePoint stray{0xdc00U + lead, 1};
  if (length == 1 || text.size() - at < length) return stray;
  std::uint32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned next = byte_of(text[at + i]);
    if ((next & 0xc0U) != 0x80U) return stray;
    value = (value << 6U) | (next & 0x3fU);
  }
  return {value, length};
}

void append_json_code_point(Secret& out, std::uint32_t value) {
  constexpr std::uint32_t kFirstBeyondBmp = 0x10000;
  if (value < kFirstBeyondBmp) return append_utf16_escape(out, value);
  append_utf16_escape(out, 0xd800U + ((value - kFirstBeyondBmp) >> 10U));
  append_utf16_escape(out, 0xdc00U + ((value - kFirstBeyondBmp) & 0x3ffU));
}

// The letter after a backslash for a control character, or nothing.
char short_escape(char c, std::string_view controls, std::string_view names) {
  const auto at = controls.find(c);
  return at == std::string_view::npos ? '\0' : names[at];
}

void append_ansi_c(Secret& out, char c) {
  const char name = short_escape(c, "\a\b\x1b\f\n\r\t\v", "abEfnrtv");
  if (name != '\0' || c == '\\' || c == '\'') {
    out.append('\\');
    return out.append(name != '\0' ? name : c);
  }
  const unsigned byte = byte_of(c);
  if (byte >= 0x20 && byte != 0x7f) return out.append(c);
  out.append('\\');
  for (const unsigned shift : {6U, 3U, 0U})
    out.append(kLowerDigits[(byte >> shift) & 7U]);
}

void append_shell_byte(Secret& out, char c, ShellStyle style) {
  switch (style) {
    case ShellStyle::kSingle:
      return c == '\'' ? out.append("'\\''") : out.append(c);
    case ShellStyle::kSingleDouble:
      return c == '\'' ? out.append("'\"'\"'") : out.append(c);
    case ShellStyle::kDouble:
      if (holds("$`\"\\", c)) out.append('\\');
      return out.append(c);
    case ShellStyle::kBare:
      if (byte_of(c) < 0x80 && !is_alphanumeric(c) && !holds("_%+./:=@-", c)) out.append('\\');
      return out.append(c);
    case ShellStyle::kAnsiC:
      return append_ansi_c(out, c);
  }
}

}  // namespace

void append_base64(Secret& out, std::string_view value, int phase, Base64Alphabet alphabet) {
  constexpr std::string_view kCommon =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::string_view rest = alphabet == Base64Alphabet::kStandard ? "+/" : "-_";
  // Characters begin at every sixth bit of the whole text; these are the first ones in the value.
  constexpr std::array<std::size_t, 3> kFirstBit = {0, 4, 2};
  for (std::size_t bit = kFirstBit.at(static_cast<std::size_t>(phase)); bit + 6 <= 8 * value.size();
       bit += 6) {
    const std::size_t byte = bit / 8;
    const unsigned next = byte + 1 < value.size() ? byte_of(value[byte + 1]) : 0;
    const unsigned pair = (byte_of(value[byte]) << 8U) | next;
    const unsigned six = (pair >> (10U - bit % 8)) & 0x3fU;
    out.append(six < kCommon.size() ? kCommon[six] : rest[six - kCommon.size()]);
  }
}

void append_hex(Secret& out, std::string_view value, HexCase letters) {
  for (const char c : value)
    append_two_digits(out, byte_of(c), letters);
}

void append_percent(Secret& out, std::string_view value, HexCase letters,
                    std::string_view also_kept) {
  for (const char c : value) {
    if (is_alphanumeric(c) || holds("-._~", c) || holds(also_kept, c)) {
      out.append(c);
    } else {
      out.append('%');
      append_two_digits(out, byte_of(c), letters);
    }
  }
}

void append_form_data(Secret& out, std::string_view value, HexCase letters) {
  for (const char c : value) {
    if (c == ' ') {
      out.append('+');
    } else {
      append_percent(out, std::string_view(&c, 1), letters, "");
    }
  }
}

void append_json(Secret& out, std::string_view value, JsonStyle style) {
  for (std::size_t i = 0; i < value.size();) {
    const char c = value[i];
    const unsigned byte = byte_of(c);
    std::size_t taken = 1;
    const char name = short_escape(c, "\b\f\n\r\t\"\\", "bfnrt\"\\");
    if (name != '\0') {
      out.append('\\');
      out.append(name);
    } else if (byte < 0x20 || (style.html && holds("<>&", c))) {
      append_utf16_escape(out, byte);
    } else if (style.ascii && byte >= 0x80) {
      const auto point = code_point_at(value, i);
      append_json_code_point(out, point.value);
      taken = point.bytes;
    } else {
      if (style.slash && c == '/') out.append('\\');
      out.append(c);
    }
    i += taken;
  }
}

void append_shell(Secret& out, std::string_view value, ShellStyle style) {
  for (const char c : value)
    append_shell_byte(out, c, style);
}

void append_xml(Secret& out, std::string_view value, std::string_view apostrophe) {
  for (const char c : value) {
    switch (c) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '"':
        out.append("&quot;");
        break;
      case '\'':
        out.append(apostrophe);
        break;
      default:
        out.append(c);
    }
  }
}

}  // namespace awf::redact
