#include "egress-proxy/client_flow.hpp"

#include "net/endpoint.hpp"

namespace awf::egress {

std::optional<ClientFlow> flow_of(const net::tcp::socket& accepted) {
  net::ErrorCode error;
  const auto peer = accepted.remote_endpoint(error);
  if (error) return std::nullopt;
  const auto own = accepted.local_endpoint(error);
  if (error) return std::nullopt;
  return ClientFlow{true, net::address_of(peer.address()), peer.port(),
                    net::address_of(own.address()), own.port()};
}

}  // namespace awf::egress
