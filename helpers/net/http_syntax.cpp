#include "net/http_syntax.hpp"

#include "common/text.hpp"

namespace awf::net::syntax {
namespace {

bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_token_char(char c) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return is_alphanumeric(c) || kMarks.find(c) != std::string_view::npos;
}

bool is_value_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

bool means_field(std::string_view name, std::string_view lower_name) noexcept {
  return std::equal(name.begin(), name.end(), lower_name.begin(), lower_name.end(),
                    [](char a, char b) {
                      if (a >= 'A' && a <= 'Z') a = static_cast<char>(a - 'A' + 'a');
                      return (a == '_' ? '-' : a) == b;
                    });
}

Result<HeaderField> read_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return Error{"a header field is folded"};
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return Error{"a header field has no colon"};
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  if (name.empty() || !all(name, is_token_char)) {
    return Error{"the name of a header field is not a token"};
  }
  if (!all(value, is_value_char))
    return Error{"the value of a header field has control characters"};
  const auto start = value.find_first_not_of(" \t");
  value = start == std::string_view::npos
              ? std::string_view()
              : value.substr(start, value.find_last_not_of(" \t") - start + 1);
  return HeaderField{std::string(name), std::string(value)};
}

std::optional<Error> connection_fault(const std::vector<HeaderField>& fields) {
  for (const auto& [name, value] : fields) {
    if (!means_field(name, "connection") && !means_field(name, "proxy-connection")) continue;
    for (const auto element : split(value, ',')) {
      if (!all(trimmed(element), is_token_char)) return Error{"Connection is no list of tokens"};
    }
  }
  return std::nullopt;
}

Result<std::uint64_t> read_length(std::string_view value) {
  const auto length = parse_number<std::uint64_t>(value);
  // A signed parser reads more than 2^63 - 1 as negative; an octal one reads "010" as 8.
  if (!length || *length > INT64_MAX || (value.size() > 1 && value.front() == '0')) {
    return Error{"Content-Length is not a plain number"};
  }
  return *length;
}

Result<std::size_t> find_end(std::string_view bytes, std::size_t most_fields) {
  std::size_t start = 0;
  for (std::size_t lines = 0;; ++lines) {
    const auto end = bytes.find('\n', start);
    if (end == std::string_view::npos) return std::size_t{0};
    if (end == 0 || bytes[end - 1] != '\r') return Error{"a line ends without CR"};
    if (end - 1 == start && lines > 0) return end + 1;
    if (lines > most_fields) return Error{"too many header fields"};
    start = end + 1;
  }
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

}  // namespace awf::net::syntax
