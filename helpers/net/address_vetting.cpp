#include "net/address_vetting.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "common/check.hpp"

namespace awf::net {

using policy::IpAddress;

std::vector<IpAddress> read_own_addresses() {
  ifaddrs* first = nullptr;
  check(getifaddrs(&first), "reading the addresses of this machine");
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, &freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;  // an interface without addresses
    if (entry->ifa_addr->sa_family == AF_INET) {
      sockaddr_in address{};
      std::memcpy(&address, entry->ifa_addr, sizeof address);
      std::array<std::uint8_t, 4> bytes{};
      std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
      addresses.push_back(IpAddress::v4(bytes));
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 address{};
      std::memcpy(&address, entry->ifa_addr, sizeof address);
      std::array<std::uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
      addresses.push_back(IpAddress::v6(bytes));
    }
  }
  return addresses;
}

namespace {

// Where a translator's prefix of 32, 40, 48, 56, 64 or 96 bits leaves room for an IPv4 address
// (RFC 6052 §2.2).
constexpr std::array<std::array<std::size_t, 4>, 6> kTranslatedPlaces{
    {{4, 5, 6, 7}, {5, 6, 7, 9}, {6, 7, 9, 10}, {7, 9, 10, 11}, {9, 10, 11, 12}, {12, 13, 14, 15}}};

bool may_translate(const IpAddress& v6, const IpAddress& v4) {
  const auto wanted = v4.v4_bytes();
  return std::any_of(kTranslatedPlaces.begin(), kTranslatedPlaces.end(), [&](const auto& place) {
    for (std::size_t i = 0; i < place.size(); ++i) {
      if (v6.bytes().at(place.at(i)) != wanted.at(i)) return false;
    }
    return true;
  });
}

}  // namespace

AddressVetting::AddressVetting(std::vector<policy::IpRange> allowed_private,
                               std::vector<IpAddress> own_addresses)
    : allowed_private_(std::move(allowed_private)) {
  set_own_addresses(std::move(own_addresses));
}

void AddressVetting::set_own_addresses(std::vector<IpAddress> own_addresses) {
  own_ = std::move(own_addresses);
  std::sort(own_.begin(), own_.end());
}

std::optional<std::string> AddressVetting::fault(const IpAddress& address) const {
  const bool allowed =
      std::any_of(allowed_private_.begin(), allowed_private_.end(),
                  [&](const policy::IpRange& range) { return range.contains(address); });
  if (allowed) return std::nullopt;
  const policy::AddressClass kind = policy::classify(address);
  if (kind != policy::AddressClass::kPublic) return std::string(policy::describe(kind));
  // A public address of this machine leads to services that listen for it alone or its neighbours.
  if (std::binary_search(own_.begin(), own_.end(), address)) return "an address of this machine";
  return std::nullopt;
}

std::optional<std::string> AddressVetting::refusal(const IpAddress& address) const {
  const auto why = fault(address);
  if (!why) return std::nullopt;
  return address.text() + " is " + *why;
}

AddressVetting::Vetted AddressVetting::vet(const policy::HostName& name,
                                           const std::vector<IpAddress>& addresses) const {
  Vetted vetted;
  std::vector<IpAddress> refused4;
  for (const IpAddress& address : addresses) {
    const auto why = fault(address);
    if (!why) {
      vetted.addresses.push_back(address);
      continue;
    }
    if (address.family() == IpAddress::Family::kV4) refused4.push_back(address);
    if (vetted.refused.empty()) {
      vetted.refused = name.text() + " resolves to " + address.text() + ", " + *why;
    }
  }
  // DNS64 with a prefix of the network's own, which nobody told us, makes a public looking address
  // of a private one. Such an answer has both.
  std::erase_if(vetted.addresses, [&](const IpAddress& address) {
    return address.family() == IpAddress::Family::kV6 &&
           std::any_of(refused4.begin(), refused4.end(),
                       [&](const IpAddress& v4) { return may_translate(address, v4); });
  });
  return vetted;
}

}  // namespace awf::net
