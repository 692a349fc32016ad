// May an address that the DNS gave for an allowed name be dialled?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace awf::net {

// The addresses of this machine's interfaces, all of them (getifaddrs(3)). Throws SystemFailure.
std::vector<policy::IpAddress> read_own_addresses();

// Only public unicast addresses of other machines may be dialled, so that no name (rebinding, a
// hostile zone) leads to the host, its network or its metadata service. The ranges given are the
// exceptions a person asked for.
class AddressVetting {
 public:
  explicit AddressVetting(std::vector<policy::IpRange> allowed_private,
                          std::vector<policy::IpAddress> own_addresses = read_own_addresses());

  // Why not, or nothing when it may be: "10.0.0.1 is a private address (RFC 1918)".
  [[nodiscard]] std::optional<std::string> refusal(const policy::IpAddress& address) const;

  struct Vetted {
    std::vector<policy::IpAddress> addresses;  // in the order given; only these may be dialled
    // "example.com resolves to 10.0.0.1, a private address (RFC 1918)", the first refused one;
    // empty when none was refused.
    std::string refused;
  };
  // Sorts the refused addresses out of an answer, and with a refused IPv4 address every IPv6 one
  // that carries the same 32 bits where a translator (RFC 6052) puts them.
  [[nodiscard]] Vetted vet(const policy::HostName& name,
                           const std::vector<policy::IpAddress>& addresses) const;

  // The machine's addresses again: they change with DHCP and IPv6 privacy addresses.
  void set_own_addresses(std::vector<policy::IpAddress> own_addresses);

 private:
  // "a private address (RFC 1918)" or nothing.
  [[nodiscard]] std::optional<std::string> fault(const policy::IpAddress& address) const;

  std::vector<policy::IpRange> allowed_private_;
  std::vector<policy::IpAddress> own_;  // sorted
};

}  // namespace awf::net
