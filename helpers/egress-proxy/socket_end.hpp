// The two ways in which a connection of ours ends.
#pragma once

#include <memory>

#include "net/asio.hpp"

namespace awf::egress {

// Closes at once with a TCP reset: the client learns that this was no orderly end.
void end_with_reset(net::tcp::socket& socket);

// Sends the end of data and throws away what the peer still sends, for a short time and a bounded
// size, before it closes: closing with unread bytes would send a reset that can overtake the reply
// (RFC 9112 §9.6). `owner` lives as long as the socket is open.
void end_in_order(net::tcp::socket socket, std::shared_ptr<void> owner);

}  // namespace awf::egress
