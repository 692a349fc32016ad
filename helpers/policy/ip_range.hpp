// IP addresses, CIDR ranges and what kind of place an address is. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace awf::policy {

// An IPv4 or IPv6 address. IPv4 is kept in the last 4 bytes of its IPv4-mapped form, with the
// family beside it, so that both families compare and mask alike.
class IpAddress {
 public:
  enum class Family : std::uint8_t { kV4, kV6 };

  // Strict: dotted quad without leading zeros, or RFC 4291 text without brackets and zone.
  static Result<IpAddress> parse(std::string_view text);
  static IpAddress v4(std::array<std::uint8_t, 4> bytes) noexcept;
  // ::ffff:a.b.c.d becomes the IPv4 address it stands for.
  static IpAddress v6(std::array<std::uint8_t, 16> bytes) noexcept;

  [[nodiscard]] Family family() const noexcept { return family_; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::array<std::uint8_t, 4> v4_bytes() const noexcept;
  [[nodiscard]] std::string text() const;  // canonical (RFC 5952)

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  IpAddress(Family family, std::array<std::uint8_t, 16> bytes) noexcept
      : family_(family), bytes_(bytes) {}
  Family family_;
  std::array<std::uint8_t, 16> bytes_;
};

// A CIDR block; a single address is a /32 or /128. Host bits must be zero. As with HostName, the
// error is a clause that follows the text.
class IpRange {
 public:
  static Result<IpRange> parse(std::string_view text);
  // The block of `prefix_length` bits (at most 32 or 128 count) that `address` lies in.
  static IpRange around(const IpAddress& address, unsigned prefix_length) noexcept;
  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const IpAddress& base() const noexcept { return base_; }
  [[nodiscard]] unsigned prefix_length() const noexcept { return prefix_length_; }

  friend auto operator<=>(const IpRange&, const IpRange&) = default;

 private:
  IpRange(IpAddress base, unsigned prefix_length) noexcept
      : base_(base), prefix_length_(prefix_length) {}
  IpAddress base_;
  unsigned prefix_length_;
};

// Why an address is not a public unicast one (IANA special-purpose registries, cloud metadata).
enum class AddressClass : std::uint8_t {
  kPublic,
  kUnspecified,
  kLoopback,
  kLinkLocal,
  kPrivate,        // RFC 1918, ULA
  kSharedCgnat,    // 100.64.0.0/10
  kMetadata,       // cloud metadata services and Azure's wire server
  kDocumentation,  // and benchmarking, discard, reserved blocks
  kMulticast,      // and broadcast
};

// Sees through every IPv6 embedding of an IPv4 address (mapped, compatible, NAT64 64:ff9b::/96 and
// 64:ff9b:1::/48, 6to4, Teredo, ISATAP): the class is the embedded address's when that is worse.
AddressClass classify(const IpAddress& address) noexcept;

// "a private address (RFC 1918)": for reasons in logs.
std::string_view describe(AddressClass address_class) noexcept;

}  // namespace awf::policy
