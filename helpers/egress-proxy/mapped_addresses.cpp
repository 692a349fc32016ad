#include "egress-proxy/mapped_addresses.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace awf::egress {
namespace {

using policy::IpAddress;

constexpr std::uint32_t kBase4 = (198U << 24U) | (18U << 16U);
constexpr std::uint32_t kMask4 = 0xFFFE0000U;                                        // /15
constexpr std::array<std::uint8_t, 8> kPrefix6{0x20, 0x01, 0x00, 0x02, 0, 0, 0, 0};  // /64

std::uint32_t big_endian(const std::uint8_t* bytes) noexcept {
  return (std::uint32_t{bytes[0]} << 24U) | (std::uint32_t{bytes[1]} << 16U) |
         (std::uint32_t{bytes[2]} << 8U) | bytes[3];
}

void put_big_endian(std::uint8_t* bytes, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < 4; ++i)
    bytes[i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
}

// The place in the pool as an offset into the ranges: each /24 gives its addresses .1 to .254.
std::uint32_t offset_of_slot(std::uint32_t slot) noexcept {
  return (slot / 254) * 256 + slot % 254 + 1;
}

std::optional<std::uint32_t> slot_of_offset(std::uint32_t offset) noexcept {
  const std::uint32_t last = offset % 256;
  if (last == 0 || last == 255) return std::nullopt;
  const std::uint32_t slot = (offset / 256) * 254 + last - 1;
  if (slot >= MappedAddresses::kPoolSize) return std::nullopt;
  return slot;
}

bool has_prefix6(const IpAddress& address) noexcept {
  return std::equal(kPrefix6.begin(), kPrefix6.end(), address.bytes().begin());
}

std::optional<std::uint32_t> slot_of(const IpAddress& address) noexcept {
  const std::uint32_t low = big_endian(&address.bytes()[12]);
  if (address.family() == IpAddress::Family::kV4) {
    if ((low & kMask4) != kBase4) return std::nullopt;
    return slot_of_offset(low - kBase4);
  }
  if (!has_prefix6(address) || big_endian(&address.bytes()[8]) != 0) return std::nullopt;
  return slot_of_offset(low);
}

MappedPair pair_of_slot(std::uint32_t slot) noexcept {
  const std::uint32_t offset = offset_of_slot(slot);
  std::array<std::uint8_t, 4> v4{};
  put_big_endian(v4.data(), kBase4 + offset);
  std::array<std::uint8_t, 16> v6{};
  std::copy(kPrefix6.begin(), kPrefix6.end(), v6.begin());
  put_big_endian(&v6[12], offset);
  return {IpAddress::v4(v4), IpAddress::v6(v6)};
}

}  // namespace

MappedAddresses::MappedAddresses(std::uint32_t first, std::size_t capacity, Keep keep,
                                 const std::vector<policy::HostName>& known)
    : first_(first % kPoolSize),
      capacity_(std::min<std::size_t>(capacity, kPoolSize)),
      keep_(std::move(keep)) {
  for (const auto& name : known)
    (void)enter(name);
}

std::uint32_t MappedAddresses::enter(const policy::HostName& name) {
  const auto index = static_cast<std::uint32_t>(names_.size());
  names_.push_back(name);
  index_of_.emplace(names_.back().text(), index);
  return index;
}

std::optional<MappedPair> MappedAddresses::addresses_of(const policy::HostName& name) {
  if (const auto known = index_of_.find(name.text()); known != index_of_.end()) {
    return pair_of_slot((first_ + known->second) % kPoolSize);
  }
  if (names_.size() >= capacity_) return std::nullopt;
  if (keep_) keep_(name);
  return pair_of_slot((first_ + enter(name)) % kPoolSize);
}

const policy::HostName* MappedAddresses::name_of(const policy::IpAddress& address) const {
  const auto slot = slot_of(address);
  if (!slot) return nullptr;
  const std::uint32_t index = (*slot + kPoolSize - first_) % kPoolSize;
  return index < names_.size() ? &names_[index] : nullptr;
}

bool MappedAddresses::is_mapped(const policy::IpAddress& address) noexcept {
  if (address.family() == IpAddress::Family::kV6) return has_prefix6(address);
  return (big_endian(&address.bytes()[12]) & kMask4) == kBase4;
}

}  // namespace awf::egress
