// The request head that the origin gets. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "egress-proxy/target.hpp"
#include "net/http_head.hpp"

namespace awf::egress {

// Is this a plain WebSocket opening handshake (RFC 6455 §4.1): a bodyless GET of HTTP/1.1 with
// "Upgrade: websocket" and Connection naming upgrade? Everything else has its Upgrade removed, h2c
// among it.
bool asks_for_websocket(const net::RequestHead& head);

// The request's path as the origin is to read it: of a path, an absolute http URL that names the
// target, or the "*" of OPTIONS.
Result<std::string> origin_form_of(const net::RequestHead& head, const Target& target);

// Written anew, so that whatever two parsers might read differently is gone: one Host, the
// target's; no hop-by-hop field (RFC 9110 §7.6.1) and none that Connection names; no Proxy-* field;
// framing as parsed; "Connection: close", since one request is all that an upstream connection
// carries, or the WebSocket upgrade.
std::string forward_head(const net::RequestHead& head, std::string_view origin_form,
                         const Target& target);

}  // namespace awf::egress
