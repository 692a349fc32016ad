// URLs of the services that a run is told to use: a DoH resolver, an upstream proxy. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/result.hpp"
#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace awf::net {

struct ServiceUrl {
  std::variant<policy::HostName, policy::IpAddress> host;
  std::uint16_t port;
  std::string path;  // "/…", never empty
  // "user:password" as written, still percent-encoded; empty when there is none.
  std::string credentials;

  [[nodiscard]] std::string host_text() const;  // canonical; no brackets
  [[nodiscard]] std::string authority() const;  // "host:port", "[v6]:port"
};

// "https://host[:port]/path" (RFC 8484); 443 unless said; no credentials, fragment or template.
Result<ServiceUrl> parse_doh_url(std::string_view text);

// "http://[user:password@]host[:port]"; 3128 unless said.
Result<ServiceUrl> parse_proxy_url(std::string_view text);

// Are the user name and the password of an URL plain after percent-decoding (RFC 3986 §2.1)? Then
// "user:password" decoded; nothing for a broken escape or a control character.
std::optional<std::string> decoded_credentials(std::string_view credentials);

}  // namespace awf::net
