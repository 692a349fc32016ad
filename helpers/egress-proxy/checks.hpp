// Does a connection say the name it was allowed for? Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "egress-proxy/target.hpp"
#include "net/client_hello.hpp"
#include "net/http_head.hpp"

namespace awf::egress {

// A refusal by a rule of ours rather than by an entry of the policy.
struct Fault {
  std::string rule;    // "tls-sni-mismatch": stable, for machines
  std::string reason;  // for a person
};

// `hello` must be complete. Its server name must be the target's very name: a content network
// serves by this name, so any other is another site behind the same address ("domain fronting").
// An encrypted hello is passed when its outer name is the target's: our DNS gives out no ECH keys,
// so that is GREASE (RFC 9849 §6.2). For a literal address there must be no name but the address.
std::optional<Fault> sni_fault(const net::ClientHello& hello, const Target& target);

// Does the hello offer a version of TLS that is at least `least` (0x0303 is TLS 1.2; 0 asks for
// nothing)? The server chooses among what the client offers, so this keeps out clients that can do
// no better, not servers.
std::optional<Fault> version_fault(const net::ClientHello& hello, std::uint16_t least);

// Does an HTTP authority (of a Host field or a request target) name the target's host and port, 80
// when it has none? An address that stands for a name does not name it: the origin would be told
// it.
bool names_target(const net::Authority& authority, const Target& target);

// The Host field must name the target (RFC 9112 §3.2).
std::optional<Fault> host_fault(const net::RequestHead& head, const Target& target);

}  // namespace awf::egress
