#include "redact/forms.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "common/text.hpp"
#include "policy/protected_value.hpp"
#include "redact/encodings.hpp"

namespace awf::redact {
namespace {

// What encodeURIComponent and encodeURI of JavaScript leave as it is, and RFC 3986 does not.
constexpr std::array<std::string_view, 3> kKeptByPercentEncoders = {"", "!*'()",
                                                                    "!*'();,/?:@&=+$#"};

constexpr std::array<JsonStyle, 5> kJsonStyles = {
    {{}, {.slash = true}, {.html = true}, {.ascii = true}, {.slash = true, .ascii = true}}};

constexpr std::array<ShellStyle, 5> kShellStyles = {ShellStyle::kSingle, ShellStyle::kSingleDouble,
                                                    ShellStyle::kDouble, ShellStyle::kBare,
                                                    ShellStyle::kAnsiC};

}  // namespace

template <typename Append>
void Forms::add_form(Append append) {
  const std::size_t begin = text_.size();
  append(text_);
  const std::size_t length = text_.size() - begin;
  verify(text_.size() <= std::numeric_limits<std::uint32_t>::max(),
         "the forms of all secrets fit into 4 GiB");
  // The last characters of Base64 are cut off; what is left of a form must not be everywhere.
  if (length < policy::kShortestSecret) return;
  places_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length)});
}

void Forms::add_json_forms(std::string_view value) {
  Secret once;
  for (const JsonStyle style : kJsonStyles) {
    add_form([&](Secret& out) { append_json(out, value, style); });
    once.clear();
    append_json(once, value, style);
    if (once.reveal() == value) continue;
    add_form([&](Secret& out) { append_json(out, once.reveal(), style); });
  }
}

void Forms::add_forms(std::string_view value) {
  add_form([&](Secret& out) { out.append(value); });
  for (const int phase : {0, 1, 2}) {
    for (const auto alphabet : {Base64Alphabet::kStandard, Base64Alphabet::kUrlSafe}) {
      add_form([&](Secret& out) { append_base64(out, value, phase, alphabet); });
    }
  }
  for (const auto letters : {HexCase::kLower, HexCase::kUpper}) {
    add_form([&](Secret& out) { append_hex(out, value, letters); });
    add_form([&](Secret& out) { append_form_data(out, value, letters); });
    for (const auto kept : kKeptByPercentEncoders) {
      add_form([&](Secret& out) { append_percent(out, value, letters, kept); });
    }
  }
  add_json_forms(value);
  for (const auto style : kShellStyles) {
    add_form([&](Secret& out) { append_shell(out, value, style); });
  }
  for (const std::string_view apostrophe : {"'", "&#39;", "&apos;"}) {
    add_form([&](Secret& out) { append_xml(out, value, apostrophe); });
  }
}

std::optional<Error> Forms::add(std::string_view value) {
  if (value.size() < policy::kShortestSecret) {
    return Error{"a value shorter than " + std::to_string(policy::kShortestSecret) +
                 " bytes cannot be hidden: it would occur everywhere; protect it by its name"};
  }
  add_forms(value);
  const bool has_lines = value.find_first_of("\r\n") != std::string_view::npos;
  for (std::size_t begin = 0; has_lines && begin < value.size();) {
    const std::size_t end = std::min(value.find_first_of("\r\n", begin), value.size());
    const auto line = trimmed(value.substr(begin, end - begin));
    if (line.size() >= policy::kShortestSecret) add_forms(line);
    begin = end + 1;
  }
  return std::nullopt;
}

void Forms::finish() {
  const auto bytes = [this](const Place& place) {
    return text_.reveal().substr(place.begin, place.length);
  };
  std::sort(places_.begin(), places_.end(),
            [&](const Place& a, const Place& b) { return bytes(a) < bytes(b); });
  const auto last =
      std::unique(places_.begin(), places_.end(),
                  [&](const Place& a, const Place& b) { return bytes(a) == bytes(b); });
  places_.erase(last, places_.end());
}

}  // namespace awf::redact
