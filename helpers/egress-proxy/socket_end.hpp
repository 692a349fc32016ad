// The two ways in which a connection of ours ends.
#pragma once

#include "net/asio.hpp"

namespace awf::egress {

// Closes at once with a TCP reset: the client learns that this was no orderly end.
void end_with_reset(net::tcp::socket& socket);

// Sends the end of data and throws away what the peer still sends, for a short time and a bounded
// size, before it closes: closing with unread bytes would send a reset that can overtake the reply
// (RFC 9112 §9.6).
void end_in_order(net::tcp::socket socket);

}  // namespace awf::egress
