// Between our IpAddress and Asio's endpoints.
#pragma once

#include <cstdint>
#include <string>

#include "net/asio.hpp"
#include "policy/ip_range.hpp"

namespace awf::net {

tcp::endpoint endpoint_of(const policy::IpAddress& address, std::uint16_t port);

// An IPv4-mapped address comes back as the IPv4 address it stands for; a zone is dropped.
policy::IpAddress address_of(const asio::ip::address& address);

// "192.0.2.1:443", "[2001:db8::1]:443": for logs.
std::string text_of(const policy::IpAddress& address, std::uint16_t port);

}  // namespace awf::net
