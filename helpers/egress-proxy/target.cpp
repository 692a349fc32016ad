#include "egress-proxy/target.hpp"

#include "egress-proxy/mapped_addresses.hpp"

namespace awf::egress {
namespace {

using policy::HostName;
using policy::IpAddress;

// A textual address of either family, by the strict parser only: "0x7f.1" or "127.1" is none, and
// HostName refuses it as well, since its last label is a number.
Result<IpAddress> address_in(const net::Authority& authority) {
  auto address = IpAddress::parse(authority.host);
  if (!address) return address;
  const bool is_v6 = authority.host.find(':') != std::string::npos;
  if (is_v6 != authority.bracketed) return Error{"brackets belong around IPv6 addresses"};
  return address;
}

}  // namespace

std::string Target::host_text() const {
  if (const auto* name = std::get_if<HostName>(&host)) return name->text();
  return std::get<IpAddress>(host).text();
}

std::string Target::text() const {
  const std::string bare = host_text();
  const bool is_v6 = bare.find(':') != std::string::npos;
  return (is_v6 ? "[" + bare + "]" : bare) + ":" + std::to_string(port);
}

Result<Target> target_of(const net::Authority& authority, std::uint16_t default_port,
                         const MappedAddresses& mapped) {
  const std::uint16_t port = authority.port.value_or(default_port);
  if (port == 0) return Error{"port 0 cannot be connected to"};
  if (const auto address = address_in(authority)) return target_of(*address, port, mapped);
  if (authority.bracketed) return Error{"not an IPv6 address"};
  auto name = HostName::parse(authority.host);
  if (!name) return Error{name.error()};
  return Target{std::move(name).value(), port};
}

Result<Target> target_of(const IpAddress& address, std::uint16_t port,
                         const MappedAddresses& mapped) {
  if (!MappedAddresses::is_mapped(address)) return Target{address, port};
  const HostName* name = mapped.name_of(address);
  if (name == nullptr) return Error{"no name has this address in this run"};
  return Target{*name, port};
}

policy::Decision decide(const policy::EgressPolicy& policy, policy::Protocol protocol,
                        const Target& target, policy::Door door) {
  policy::Decision decision =
      std::visit([&](const auto& host) { return policy.decide(protocol, host, target.port, door); },
                 target.host);
  // Bytes that nobody reads need an entry that says so, whatever else allowed the port.
  if (decision.allowed() && protocol == policy::Protocol::kTcp && !decision.opaque) {
    decision.verdict = policy::Verdict::kDeny;
    decision.reason = "only an entry with this port opens it";
  }
  return decision;
}

policy::Protocol protocol_of_port(std::uint16_t port) noexcept {
  if (port == 443) return policy::Protocol::kTls;
  if (port == 80) return policy::Protocol::kHttp;
  return policy::Protocol::kTcp;
}

}  // namespace awf::egress
