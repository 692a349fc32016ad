#include "net/endpoint.hpp"

namespace awf::net {

tcp::endpoint endpoint_of(const policy::IpAddress& address, std::uint16_t port) {
  if (address.family() == policy::IpAddress::Family::kV4) {
    return {asio::ip::address_v4(address.v4_bytes()), port};
  }
  return {asio::ip::address_v6(address.bytes()), port};
}

policy::IpAddress address_of(const asio::ip::address& address) {
  // IpAddress::v6 turns an IPv4-mapped address into the IPv4 one.
  if (address.is_v4()) return policy::IpAddress::v4(address.to_v4().to_bytes());
  return policy::IpAddress::v6(address.to_v6().to_bytes());
}

std::string text_of(const policy::IpAddress& address, std::uint16_t port) {
  const bool v6 = address.family() == policy::IpAddress::Family::kV6;
  return (v6 ? "[" + address.text() + "]" : address.text()) + ":" + std::to_string(port);
}

}  // namespace awf::net
