// What a client hears from the proxy itself. Fixed texts: nothing of the request is reflected but
// the canonical name, so that no error page can carry a credential or a script (CVE-2025-62168 of
// Squid).
#pragma once

#include <string>
#include <string_view>

#include "egress-proxy/target.hpp"

namespace awf::egress {

// "HTTP/1.1 200 Connection established" and an empty line: the answer to a CONNECT.
std::string connect_reply();

// `code` is a stable word for machines ("denied", "bad-request"), `rule` the entry that decided,
// or empty, `reason` one line for a person that the caller made without foreign text. All three go
// into a JSON body, the reason also into X-AWF-Reason; the connection closes.
struct ProxyError {
  unsigned status = 403;
  std::string_view code;
  std::string rule;
  std::string reason;
};
std::string error_reply(const ProxyError& error);

// 403 for a target that the policy denies, with how to allow it.
std::string denied_reply(const Target& target, std::string_view rule);

}  // namespace awf::egress
