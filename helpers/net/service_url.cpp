#include "net/service_url.hpp"

#include <algorithm>
#include <charconv>

#include "common/text.hpp"
#include "net/http_head.hpp"

namespace awf::net {
namespace {

using Host = std::variant<policy::HostName, policy::IpAddress>;

struct Shape {
  std::string_view scheme;
  std::uint16_t default_port;
  bool may_have_credentials;
  std::string_view example;
};

Result<Host> host_of(const Authority& authority) {
  if (const auto address = policy::IpAddress::parse(authority.host)) {
    const bool v6 = authority.host.find(':') != std::string::npos;
    if (v6 == authority.bracketed) return Host(*address);
  }
  if (authority.bracketed) return Error{"the brackets do not hold an IPv6 address"};
  auto name = policy::HostName::parse(authority.host);
  if (!name) return Error{"the host " + name.error()};
  return Host(std::move(name).value());
}

// Bytes that a URL cannot have, and those that one parser reads as the end of what another reads
// on: "\\", "#" and the braces of a URI template.
bool has_odd_bytes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return c <= ' ' || c >= '\x7f' || c == '\\' || c == '#' || c == '{' || c == '}';
  });
}

// The text itself may hold a password, so no error repeats it.
Result<ServiceUrl> parse_url(std::string_view text, const Shape& shape) {
  const auto refuse = [&](const std::string& why) {
    return Error{why + "; write " + std::string(shape.example)};
  };
  if (ascii_lower(text.substr(0, shape.scheme.size())) != shape.scheme) {
    return refuse("the URL does not start with " + std::string(shape.scheme));
  }
  if (has_odd_bytes(text)) return refuse("the URL has bytes that it cannot have");
  std::string_view rest = text.substr(shape.scheme.size());
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  std::string path(rest.substr(end));
  rest = rest.substr(0, end);
  std::string credentials;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    if (!shape.may_have_credentials) return refuse("the URL may not have credentials");
    credentials = rest.substr(0, at);
    if (!decoded_credentials(credentials)) return refuse("the credentials are not user:password");
    rest = rest.substr(at + 1);
  }
  const auto authority = read_authority(rest);
  if (!authority) return refuse(authority.error());
  auto host = host_of(*authority);
  if (!host) return refuse(host.error());
  if (path.substr(0, 1) != "/") path.insert(0, 1, '/');
  return ServiceUrl{std::move(host).value(), authority->port.value_or(shape.default_port),
                    std::move(path), std::move(credentials)};
}

}  // namespace

std::string ServiceUrl::host_text() const {
  if (const auto* name = std::get_if<policy::HostName>(&host)) return name->text();
  return std::get<policy::IpAddress>(host).text();
}

std::string ServiceUrl::authority() const {
  const std::string bare = host_text();
  const bool v6 = bare.find(':') != std::string::npos;
  return (v6 ? "[" + bare + "]" : bare) + ":" + std::to_string(port);
}

Result<ServiceUrl> parse_doh_url(std::string_view text) {
  return parse_url(text, {"https://", 443, false, "https://dns.example/dns-query"});
}

Result<ServiceUrl> parse_proxy_url(std::string_view text) {
  auto url = parse_url(text, {"http://", 3128, true, "http://proxy.example:3128"});
  if (url && url->path != "/") {
    return Error{"a proxy's URL has no path; write http://proxy.example:3128"};
  }
  return url;
}

std::optional<std::string> decoded_credentials(std::string_view credentials) {
  std::string decoded;
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    unsigned value = static_cast<unsigned char>(credentials[i]);
    if (credentials[i] == '%') {
      const auto digits = credentials.substr(i + 1, 2);
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2) {
        return std::nullopt;
      }
      i += 2;
    }
    if (value < ' ' || value == 0x7f) return std::nullopt;
    decoded += static_cast<char>(value);
  }
  if (credentials.find(':') == std::string_view::npos) return std::nullopt;
  return decoded;
}

}  // namespace awf::net
