// Authorities and absolute-form targets. The grammar is narrower than RFC 3986: only what a host
// name or an address literal can contain, so that "allowed@evil", "allowed\@evil" or "allowed#evil"
// have no reading at all.
#include <algorithm>

#include "common/text.hpp"
#include "net/http_head.hpp"

namespace awf::net {
namespace {

bool is_host_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_';
}

bool is_v6_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
         c == '.';
}

template <typename Predicate>
bool is_host(std::string_view text, Predicate predicate) {
  return !text.empty() && std::all_of(text.begin(), text.end(), predicate);
}

// Without leading zeros: some parsers read them as octal.
std::optional<std::uint16_t> read_port(std::string_view text) {
  if (text.empty() || text.front() == '0') return std::nullopt;
  return parse_number<std::uint16_t>(text);
}

}  // namespace

Result<Authority> read_authority(std::string_view text) {
  Authority authority;
  std::string_view rest;
  if (text.substr(0, 1) == "[") {
    const auto close = text.find(']');
    if (close == std::string_view::npos || !is_host(text.substr(1, close - 1), is_v6_char)) {
      return Error{"the brackets do not hold an IPv6 address"};
    }
    authority.host = text.substr(1, close - 1);
    authority.bracketed = true;
    rest = text.substr(close + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    if (!is_host(text.substr(0, colon), is_host_char)) {
      return Error{"the host is empty or has characters that no host name has"};
    }
    authority.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (rest.empty()) return authority;
  authority.port = rest.front() == ':' ? read_port(rest.substr(1)) : std::nullopt;
  if (!authority.port) return Error{"the port is not a number from 1 to 65535"};
  return authority;
}

Result<AbsoluteTarget> read_absolute_target(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (ascii_lower(target.substr(0, kScheme.size())) != kScheme) {
    return Error{"the target is not an http:// URI"};
  }
  const auto is_forbidden = [](char c) { return c <= ' ' || c >= '\x7f' || c == '#' || c == '\\'; };
  if (std::any_of(target.begin(), target.end(), is_forbidden)) {
    return Error{"the target has a fragment, a backslash or bytes that a URI cannot have"};
  }
  const std::string_view rest = target.substr(kScheme.size());
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  auto authority = read_authority(rest.substr(0, end));
  if (!authority.ok()) return Error{authority.error()};
  AbsoluteTarget result{std::move(authority).value(), std::string(rest.substr(end))};
  if (result.origin_form.substr(0, 1) != "/") result.origin_form.insert(0, 1, '/');
  return result;
}

}  // namespace awf::net
