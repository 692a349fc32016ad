// Turning what a person, a client or a packet calls a host into the one form that is compared.
//
// Two readings of one name are how filters of this kind are bypassed (a NUL that ends the name for
// one reader only, an upper-case letter, a trailing dot, digits of another script), so the name is
// read here once, and everything else in the house handles the result only.
#include "policy/host_name.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "common/text.hpp"

namespace awf::policy {
namespace {

constexpr std::size_t kMaxLabel = 63;  // RFC 1035 §2.3.4
// A U-label may be longer in UTF-8 than as an A-label, but not by more than this.
constexpr std::size_t kMaxInput = 4 * HostName::kMaxLength;

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_name_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}
constexpr bool is_ascii(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}
constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

std::string complaint_about(char c) {
  if (c == ' ' || c == '\t') return "contains white space, which no host name may";
  if (c == ':') return "contains ':', which no host name may";
  return "contains " + quoted(std::string_view(&c, 1)) + ", which no host name may";
}

// What is wrong with canonical labels, if anything. One pass over the bytes: this is the whole cost
// of an ordinary name.
std::optional<std::string> complaint_about_labels(std::string_view text) {
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '.') {
      if (!is_name_byte(text[i])) return complaint_about(text[i]);
      continue;
    }
    if (i == start) return "has an empty label";
    if (i - start > kMaxLabel) return "has a label of more than 63 bytes";
    if (text[start] == '-' || text[i - 1] == '-') {
      return "has a label that starts or ends with '-'";
    }
    start = i + 1;
  }
  return std::nullopt;
}

// An A-label must be checked, and everything outside ASCII converted, by IDNA's rules.
bool needs_idna(std::string_view label) noexcept {
  return label.starts_with("xn--") || !std::all_of(label.begin(), label.end(), is_ascii);
}

// Lookup by RFC 5891 §5 after the mapping of UTS 46 (non-transitional). The result may contain dots
// that came from other full stops (U+3002), and anything else that UTS 46 maps to; the caller
// judges it anew. A-labels are taken only if their U-label leads back to them.
Result<std::string> to_a_labels(const std::string& label) {
  std::uint8_t* raw = nullptr;
  const int rc = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(label.c_str()),
                                &raw,  // NOLINT: the library's type
                                IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_ALABEL_ROUNDTRIP);
  const std::unique_ptr<std::uint8_t, decltype(&idn2_free)> owner(raw, &idn2_free);
  if (rc != IDN2_OK) {
    return Error{std::string("is not a valid internationalised name: ") + idn2_strerror(rc)};
  }
  return std::string(reinterpret_cast<const char*>(raw));  // NOLINT: ASCII, NUL-terminated
}

// The conversion label by label: the library would refuse an ordinary label with "--" in its third
// and fourth place ("r3---sn-4g5e.googlevideo.com") when a label beside it needs conversion.
Result<std::string> converted(std::string_view text) {
  std::string joined;
  for (const std::string_view piece : split(text, '.')) {
    std::string label(piece);
    if (needs_idna(label)) {
      auto ascii = to_a_labels(label);
      if (!ascii) return ascii;
      label = *ascii;
    }
    if (!joined.empty() || piece.data() != text.data()) joined += '.';
    joined += label;
  }
  return joined;
}

bool has_label_for_idna(std::string_view text) noexcept {
  return text.starts_with("xn--") || text.find(".xn--") != std::string_view::npos ||
         !std::all_of(text.begin(), text.end(), is_ascii);
}

// WHATWG URL §3.5, "ends in a number": programs read such a name as an IPv4 address, in decimal,
// octal or hexadecimal, of one to four parts.
bool ends_in_number(std::string_view name) noexcept {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (std::all_of(last.begin(), last.end(), is_digit)) return true;
  return last.starts_with("0x") && std::all_of(last.begin() + 2, last.end(), is_hex_digit);
}

}  // namespace

Result<std::string> canonical_labels(std::string_view text) {
  if (text.empty()) return Error{"is empty"};
  if (text.size() > kMaxInput) return Error{"is longer than any host name"};
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    return is_ascii(c) && c != '.' && !is_name_byte(c) && !(c >= 'A' && c <= 'Z');
  });
  if (bad != text.end()) return Error{complaint_about(*bad)};
  std::string canonical = ascii_lower(text);
  if (has_label_for_idna(canonical)) {
    auto ascii = converted(canonical);
    if (!ascii) return ascii;
    canonical = *ascii;
  }
  if (auto complaint = complaint_about_labels(canonical)) return Error{std::move(*complaint)};
  return canonical;
}

Result<HostName> HostName::parse(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  auto canonical = canonical_labels(text);
  if (!canonical) return Error{canonical.error()};
  if (canonical->size() > kMaxLength) return Error{"is longer than 253 bytes"};
  if (ends_in_number(*canonical)) {
    return Error{"ends in a number, which programs read as an IP address"};
  }
  return HostName(std::move(canonical).value());
}

}  // namespace awf::policy
