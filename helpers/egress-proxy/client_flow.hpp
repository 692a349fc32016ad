// Which flow of the sandbox an accepted connection is.
#pragma once

#include <optional>

#include "egress-proxy/audit_record.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// Seen from the client; nothing when it is gone.
std::optional<ClientFlow> flow_of(const net::tcp::socket& accepted);

}  // namespace awf::egress
