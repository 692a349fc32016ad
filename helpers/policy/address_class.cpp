// What kind of place an address is: the IANA special-purpose registries of both families (RFC 6890
// and its updates, as of 2026), the metadata services of the clouds, and the many ways to write an
// IPv4 address inside an IPv6 one. A name of the allow list may resolve to anything its owner likes
// (rebinding), so an address is dialled only after it came out of here as public.
#include <algorithm>
#include <array>

#include "policy/ip_range.hpp"

namespace awf::policy {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
using Class = AddressClass;

struct Block4 {
  std::uint32_t base;
  unsigned length;
  Class address_class;
};

constexpr std::uint32_t quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

// The first block that holds the address decides, so the narrow ones stand before the wide ones.
constexpr Block4 kBlocks4[] = {
    {quad(169, 254, 169, 254), 32, Class::kMetadata},  // AWS, Azure, Google and most others
    {quad(169, 254, 170, 2), 32, Class::kMetadata},    // AWS ECS task credentials
    {quad(169, 254, 170, 23), 32, Class::kMetadata},   // AWS EKS pod identity
    {quad(169, 254, 42, 42), 32, Class::kMetadata},    // Scaleway
    {quad(169, 254, 0, 23), 32, Class::kMetadata},     // Tencent Cloud
    {quad(168, 63, 129, 16), 32, Class::kMetadata},    // Azure's wire server
    {quad(100, 100, 100, 200), 32, Class::kMetadata},  // Alibaba Cloud
    {quad(192, 0, 0, 192), 32, Class::kMetadata},      // Oracle Cloud
    {quad(0, 0, 0, 0), 8, Class::kUnspecified},  // RFC 791; Linux takes it for the host itself
    {quad(10, 0, 0, 0), 8, Class::kPrivate},
    {quad(100, 64, 0, 0), 10, Class::kSharedCgnat},
    {quad(127, 0, 0, 0), 8, Class::kLoopback},
    {quad(169, 254, 0, 0), 16, Class::kLinkLocal},
    {quad(172, 16, 0, 0), 12, Class::kPrivate},
    {quad(192, 0, 0, 0), 24, Class::kDocumentation},    // IETF protocol assignments
    {quad(192, 0, 2, 0), 24, Class::kDocumentation},    // TEST-NET-1
    {quad(192, 88, 99, 0), 24, Class::kDocumentation},  // 6to4 relay anycast, RFC 7526
    {quad(192, 168, 0, 0), 16, Class::kPrivate},
    {quad(198, 18, 0, 0), 15, Class::kDocumentation},    // benchmarking, and our mapped addresses
    {quad(198, 51, 100, 0), 24, Class::kDocumentation},  // TEST-NET-2
    {quad(203, 0, 113, 0), 24, Class::kDocumentation},   // TEST-NET-3
    {quad(224, 0, 0, 0), 4, Class::kMulticast},
    {quad(255, 255, 255, 255), 32, Class::kMulticast},  // limited broadcast
    {quad(240, 0, 0, 0), 4, Class::kDocumentation},     // reserved
};

// Eight groups of 16 bits, as an address is written.
struct Block6 {
  std::array<std::uint16_t, 8> base;
  unsigned length;
  Class address_class;
};

constexpr Block6 kBlocks6[] = {
    {{0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254}, 128, Class::kMetadata},       // AWS
    {{0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23}, 128, Class::kMetadata},        // AWS EKS pod identity
    {{0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254}, 128, Class::kMetadata},        // Google Cloud
    {{0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42}, 128, Class::kMetadata},         // Scaleway
    {{0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe}, 128, Class::kMetadata},  // Oracle Cloud
    {{0, 0, 0, 0, 0, 0, 0, 0}, 128, Class::kUnspecified},
    {{0, 0, 0, 0, 0, 0, 0, 1}, 128, Class::kLoopback},
    {{0x64, 0xff9b, 0, 0, 0, 0, 0, 0}, 96, Class::kPublic},   // NAT64: judged by what it embeds
    {{0x64, 0xff9b, 1, 0, 0, 0, 0, 0}, 48, Class::kPrivate},  // NAT64 of a site, RFC 8215
    {{0x2001, 0, 0, 0, 0, 0, 0, 0}, 32, Class::kPublic},      // Teredo: as NAT64
    {{0x2001, 3, 0, 0, 0, 0, 0, 0}, 32, Class::kPublic},      // AMT
    {{0x2001, 4, 0x112, 0, 0, 0, 0, 0}, 48, Class::kPublic},  // AS112
    // The rest of the IETF protocol assignments. Among them what the registry calls globally
    // reachable and is not for us: ORCHIDv2 2001:20::/28 and drone ids 2001:30::/28 are names of
    // hosts, never an IP header's (RFC 7343 §2, RFC 9374 §3), and the anycast addresses of
    // 2001:1::/32 mean the nearest device, which is one of this network, as 192.0.0.9 and .10 do
    // (RFC 7723, RFC 8155, RFC 9665).
    {{0x2001, 0, 0, 0, 0, 0, 0, 0}, 23, Class::kDocumentation},
    {{0x2001, 0xdb8, 0, 0, 0, 0, 0, 0}, 32, Class::kDocumentation},
    {{0x3fff, 0, 0, 0, 0, 0, 0, 0}, 20, Class::kDocumentation},  // RFC 9637
    {{0xfc00, 0, 0, 0, 0, 0, 0, 0}, 7, Class::kPrivate},         // ULA, RFC 4193
    {{0xfe80, 0, 0, 0, 0, 0, 0, 0}, 10, Class::kLinkLocal},
    {{0xfec0, 0, 0, 0, 0, 0, 0, 0}, 10, Class::kPrivate},  // site-local, RFC 3879
    {{0xff00, 0, 0, 0, 0, 0, 0, 0}, 8, Class::kMulticast},
    {{0x2000, 0, 0, 0, 0, 0, 0, 0}, 3, Class::kPublic},  // global unicast
    // Everything else is reserved, among it the discard block 100::/64 (RFC 6666), the dummy prefix
    // 100:0:0:1::/64 (RFC 9780) and segment routing 5f00::/16 (RFC 9602).
    {{0, 0, 0, 0, 0, 0, 0, 0}, 0, Class::kDocumentation},
};

Class class_of_v4(std::uint32_t address) noexcept {
  for (const Block4& block : kBlocks4) {
    if (((address ^ block.base) >> (32U - block.length)) == 0) return block.address_class;
  }
  return Class::kPublic;
}

std::uint32_t quad_at(const Bytes& bytes, std::size_t at) noexcept {
  return quad(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool holds(const Block6& block, const Bytes& bytes) noexcept {
  unsigned left = block.length;
  for (std::size_t i = 0; left > 0; ++i) {
    const unsigned group = static_cast<unsigned>(bytes[2 * i]) << 8U | bytes[2 * i + 1];
    const unsigned bits = std::min(left, 16U);
    if (((group ^ block.base[i]) >> (16U - bits)) != 0) return false;
    left -= bits;
  }
  return true;
}

bool starts_with(const Bytes& bytes, std::initializer_list<std::uint8_t> prefix) noexcept {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

// Which of two findings matters more to whoever reads the refusal.
constexpr int severity(Class address_class) noexcept {
  switch (address_class) {
    case Class::kPublic:
      return 0;
    case Class::kDocumentation:
      return 1;
    case Class::kMulticast:
      return 2;
    case Class::kUnspecified:
      return 3;
    case Class::kSharedCgnat:
      return 4;
    case Class::kPrivate:
      return 5;
    case Class::kLinkLocal:
      return 6;
    case Class::kLoopback:
      return 7;
    case Class::kMetadata:
      return 8;
  }
  return 9;
}

Class worse(Class a, Class b) noexcept {
  return severity(a) >= severity(b) ? a : b;
}

// The site's NAT64 prefix may be 48, 56, 64 or 96 bits long, and the IPv4 address then lies in
// another place each time, around the byte 8 that is always zero (RFC 6052 §2.2).
Class class_in_site_nat64(const Bytes& b) noexcept {
  const std::uint32_t candidates[] = {quad(b[6], b[7], b[9], b[10]), quad(b[7], b[9], b[10], b[11]),
                                      quad(b[9], b[10], b[11], b[12]), quad_at(b, 12)};
  Class worst = Class::kPublic;
  for (const std::uint32_t candidate : candidates) {
    // All zero means that the address is not in this place.
    if (candidate != 0) worst = worse(worst, class_of_v4(candidate));
  }
  return worst;
}

// The worst class of the IPv4 addresses that an IPv6 address carries; public when it carries none.
Class class_of_embedded(const Bytes& bytes) noexcept {
  Class worst = Class::kPublic;
  const auto look_at = [&](std::uint32_t v4) { worst = worse(worst, class_of_v4(v4)); };
  if (starts_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
    look_at(quad_at(bytes, 12));
  if (starts_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 1}))
    worst = worse(worst, class_in_site_nat64(bytes));
  if (starts_with(bytes, {0x20, 0x02})) look_at(quad_at(bytes, 2));  // 6to4, RFC 3056
  if (starts_with(bytes, {0x20, 0x01, 0, 0})) {
    // Teredo (RFC 4380 §4): the server, and the client with its bits inverted.
    look_at(quad_at(bytes, 4));
    look_at(~quad_at(bytes, 12));
  }
  // IPv4-compatible (RFC 4291 §2.5.5.1) and IPv4-translated (RFC 2765 §2.1). "::" and "::1" have
  // classes of their own.
  const bool compatible = starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  if (compatible && quad_at(bytes, 12) > 1) look_at(quad_at(bytes, 12));
  if (starts_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0})) look_at(quad_at(bytes, 12));
  // ISATAP (RFC 5214 §6.1): under any prefix, told by the interface identifier.
  if ((quad_at(bytes, 8) & 0xfcffffffU) == 0x00005efeU) look_at(quad_at(bytes, 12));
  return worst;
}

}  // namespace

AddressClass classify(const IpAddress& address) noexcept {
  const Bytes& bytes = address.bytes();
  if (address.family() == IpAddress::Family::kV4) return class_of_v4(quad_at(bytes, 12));
  const auto* block =
      std::find_if(std::begin(kBlocks6), std::end(kBlocks6),
                   [&](const Block6& candidate) { return holds(candidate, bytes); });
  // The last block holds every address.
  return worse(block->address_class, class_of_embedded(bytes));
}

std::string_view describe(AddressClass address_class) noexcept {
  switch (address_class) {
    case Class::kPublic:
      return "a public address";
    case Class::kUnspecified:
      return "an unspecified address (0.0.0.0/8 or ::)";
    case Class::kLoopback:
      return "a loopback address";
    case Class::kLinkLocal:
      return "a link-local address";
    case Class::kPrivate:
      return "a private address (RFC 1918, RFC 4193)";
    case Class::kSharedCgnat:
      return "a shared address of a carrier (RFC 6598)";
    case Class::kMetadata:
      return "a cloud metadata address";
    case Class::kDocumentation:
      return "a reserved address (documentation, benchmarking, others)";
    case Class::kMulticast:
      return "a multicast or broadcast address";
  }
  return "an unknown address";
}

}  // namespace awf::policy
