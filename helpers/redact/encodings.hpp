// How programs write a value down, each as one function that appends to locked memory. Pure.
#pragma once

#include <string_view>

#include "common/secret.hpp"

namespace awf::redact {

enum class HexCase { kLower, kUpper };
enum class Base64Alphabet { kStandard, kUrlSafe };  // RFC 4648 §4 and §5

// The characters of the Base64 text that depend on `value` alone when `phase` (0, 1 or 2, modulo 3)
// bytes stand before it, whatever follows: the first character may also hold bits of what stands
// before, the last bits of what follows.
void append_base64(Secret& out, std::string_view value, int phase, Base64Alphabet alphabet);

void append_hex(Secret& out, std::string_view value, HexCase letters);

// RFC 3986: all but letters, digits, "-._~" and the bytes of `also_kept` as %XX.
void append_percent(Secret& out, std::string_view value, HexCase letters,
                    std::string_view also_kept);
// application/x-www-form-urlencoded: as above with '+' for a space.
void append_form_data(Secret& out, std::string_view value, HexCase letters);

// The inside of a JSON string (RFC 8259 §7), as encoders differ.
struct JsonStyle {
  bool slash = false;  // "\/" (PHP)
  bool html = false;   // <, > and & as \u003c (Go, Rails)
  bool ascii = false;  // everything beyond ASCII as \uXXXX (Python)
};
void append_json(Secret& out, std::string_view value, JsonStyle style);

// Inside quotes of a POSIX shell, and outside of any.
enum class ShellStyle {
  kSingle,        // 'it'\''s'   (bash's set -x, printf @Q)
  kSingleDouble,  // 'it'"'"'s'  (Python's shlex.quote)
  kDouble,        // "a\$b"
  kBare,          // a\ b        (printf %q)
  kAnsiC,         // $'a\nb'     (bash, and string literals of C and its heirs)
};
void append_shell(Secret& out, std::string_view value, ShellStyle style);

// Text of XML and HTML; an apostrophe becomes `apostrophe`.
void append_xml(Secret& out, std::string_view value, std::string_view apostrophe);

}  // namespace awf::redact
