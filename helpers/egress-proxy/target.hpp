// Where a client wants to go: a canonical name or a literal address, and a port. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/result.hpp"
#include "net/http_head.hpp"
#include "policy/egress_policy.hpp"
#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace awf::egress {

class MappedAddresses;

struct Target {
  std::variant<policy::HostName, policy::IpAddress> host;
  std::uint16_t port;

  [[nodiscard]] std::string host_text() const;  // canonical, no brackets
  [[nodiscard]] std::string text() const;       // "host:port", "[v6]:port"

  friend bool operator==(const Target&, const Target&) = default;
};

// The target of an authority. A mapped address stands for its name, so that a client which looks
// names up itself before it asks the proxy is judged by the name too. Refuses what is neither a
// host name nor an address in its one canonical spelling.
Result<Target> target_of(const net::Authority& authority, std::uint16_t default_port,
                         const MappedAddresses& mapped);

// The same for the original destination of an intercepted connection. Refuses a mapped address
// without a name.
Result<Target> target_of(const policy::IpAddress& address, std::uint16_t port,
                         const MappedAddresses& mapped);

policy::Decision decide(const policy::EgressPolicy& policy, policy::Protocol protocol,
                        const Target& target, policy::Door door);

// What a connection to this port has to speak when no opaque entry says otherwise.
policy::Protocol protocol_of_port(std::uint16_t port) noexcept;

}  // namespace awf::egress
