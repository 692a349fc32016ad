// The heads that pass: of a request as the origin gets it, of a response as the client gets it.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "egress-proxy/target.hpp"
#include "net/http_head.hpp"
#include "net/http_response.hpp"

namespace awf::egress {

// Is this a plain WebSocket opening handshake (RFC 6455 §4.1): a bodyless GET of HTTP/1.1 with
// "Upgrade: websocket" and Connection naming upgrade? Everything else has its Upgrade removed, h2c
// among it.
bool asks_for_websocket(const net::RequestHead& head);

// RFC 9110 §10.1.1. kContinue: "Expect: 100-continue", once, on an HTTP/1.1 request with a body;
// without a body or in HTTP/1.0 it means nothing and is dropped. Any other spelling is kUnknown,
// since servers differ in what they make of it.
enum class Expectation : std::uint8_t { kNone, kContinue, kUnknown };
Expectation expectation_of(const net::RequestHead& head);

// May the client send another request on its connection? HTTP/1.1 without "close".
bool client_may_go_on(const net::RequestHead& head);

// May this request go over a connection that has carried another one, and be sent again when that
// one turns out to be closed (RFC 9110 §9.2.2)? A safe method without a body, which also leaves
// nothing that an origin could take for a second request.
bool is_repeatable(const net::RequestHead& head);

// May the origin's connection carry another request after this one? A repeatable one of a client
// that may go on itself.
bool origin_may_go_on(const net::RequestHead& head);

// The request's path as the origin is to read it: of a path, an absolute http URL that names the
// target, or the "*" of OPTIONS. Refuses what origins cut differently ('#', '\\').
Result<std::string> origin_form_of(const net::RequestHead& head, const Target& target);

// Written anew, so that whatever two parsers might read differently is gone: one Host, the
// target's; no hop-by-hop field (RFC 9110 §7.6.1) and none that Connection names; no Proxy-* field;
// framing as parsed; Connection for this hop: keep-alive when the origin may go on, the WebSocket
// upgrade, or close.
std::string forward_head(const net::RequestHead& head, std::string_view origin_form,
                         const Target& target);

// Will the origin take another request on its connection?
bool origin_goes_on(const net::ResponseHead& head);

// A final response as the client gets it: HTTP/1.1, no hop-by-hop field, framing as parsed, and
// whether the client's connection goes on.
std::string response_head(const net::ResponseHead& head, const net::ResponseFraming& framing,
                          bool goes_on);
// An interim one (1xx).
std::string interim_head(const net::ResponseHead& head);

}  // namespace awf::egress
