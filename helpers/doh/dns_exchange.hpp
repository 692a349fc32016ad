// The DNS messages of RFC 8484: one question out, one reply in, by c-ares. Pure; replies are
// hostile.
#pragma once

#include <string>
#include <string_view>

#include "net/resolver.hpp"
#include "policy/host_name.hpp"

namespace awf::doh {

enum class AddressType : std::uint8_t { kA, kAaaa };

// A question in wire format, with the message id 0 (RFC 8484 §4.1).
std::string make_query(const policy::HostName& name, AddressType type);

// What a reply says about that type. Aliases are followed inside the reply only. Never throws.
net::ResolveAnswer read_reply(std::string_view message, AddressType type);

// Both types as one answer: addresses of either count; without any, a failure counts more than
// "no address", since it may hide one.
net::ResolveAnswer merged(const net::ResolveAnswer& a, const net::ResolveAnswer& b);

}  // namespace awf::doh
