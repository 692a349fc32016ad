// What request and response heads have in common. Pure; only http_head.cpp and http_response.cpp
// need it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "net/http_head.hpp"

namespace awf::net::syntax {

template <typename Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// tchar of RFC 9110 §5.6.2.
bool is_token_char(char c) noexcept;
// field-vchar, SP and HTAB of RFC 9110 §5.5; bytes above 0x7f are obs-text.
bool is_value_char(char c) noexcept;

// ASCII case folded; '_' counts as '-', because CGI and WSGI servers make one name of both.
bool means_field(std::string_view name, std::string_view lower_name) noexcept;

// "name: value" without its CR LF.
Result<HeaderField> read_field(std::string_view line);

// Connection names the fields that stop at this hop, so that a list which two readers split
// differently would have two results: elements are tokens or, as RFC 9110 §5.6.1.2 permits, empty.
std::optional<Error> connection_fault(const std::vector<HeaderField>& fields);

// A length without sign, white space, list or leading zero, and within 63 bits.
Result<std::uint64_t> read_length(std::string_view value);

// The size of the head up to and with its empty line; 0 while it is not there yet. Looks at line
// ends only, at most `most_fields` of them, so that it may be asked again after every packet.
Result<std::size_t> find_end(std::string_view bytes, std::size_t most_fields);

// Cuts the first line and its CR LF off `text`, whose lines all end so.
std::string_view take_line(std::string_view& text);

}  // namespace awf::net::syntax
