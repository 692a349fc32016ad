#include "egress-proxy/checks.hpp"

#include "common/text.hpp"

namespace awf::egress {
namespace {

constexpr std::uint16_t kHttpPort = 80;

bool names_host(const std::string& text, const Target& target) {
  if (const auto* name = std::get_if<policy::HostName>(&target.host)) {
    const auto parsed = policy::HostName::parse(text);
    return parsed && *parsed == *name;
  }
  const auto parsed = policy::IpAddress::parse(text);
  return parsed && *parsed == std::get<policy::IpAddress>(target.host);
}

}  // namespace

std::optional<Fault> sni_fault(const net::ClientHello& hello, const Target& target) {
  const bool is_literal = std::holds_alternative<policy::IpAddress>(target.host);
  if (hello.server_name.empty()) {
    if (is_literal && !hello.encrypted_hello) return std::nullopt;
    return Fault{"tls-sni-missing",
                 "the TLS hello names no server; " + target.host_text() + " was asked for"};
  }
  if (names_host(hello.server_name, target)) return std::nullopt;
  return Fault{"tls-sni-mismatch", "the TLS hello names " + quoted(hello.server_name) + "; " +
                                       target.host_text() + " was asked for"};
}

std::optional<Fault> version_fault(const net::ClientHello& hello, std::uint16_t least) {
  if (hello.highest_version >= least) return std::nullopt;
  const std::string wanted = least == 0x0303 ? "TLS 1.2" : "TLS 1.3";
  return Fault{"tls-version", "the TLS hello offers nothing from " + wanted + " up"};
}

bool names_target(const net::Authority& authority, const Target& target) {
  return authority.port.value_or(kHttpPort) == target.port && names_host(authority.host, target);
}

std::optional<Fault> host_fault(const net::RequestHead& head, const Target& target) {
  const std::string* host = head.field("Host");
  if (host == nullptr) return Fault{"http-host-missing", "the request has no Host"};
  const auto authority = net::read_authority(*host);
  if (authority && names_target(*authority, target)) return std::nullopt;
  return Fault{"http-host-mismatch",
               "the Host field says " + quoted(*host) + "; " + target.text() + " was asked for"};
}

}  // namespace awf::egress
