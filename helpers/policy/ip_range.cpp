// Reading and printing addresses and CIDR blocks; what an address stands for is in
// address_class.cpp.
//
// The spellings that inet_aton(3) takes (octal, hexadecimal, one to three parts) are refused:
// programs disagree on them, and "0177.0.0.1" must not be public for one reader and loopback for
// another.
#include "policy/ip_range.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "common/check.hpp"
#include "common/text.hpp"

namespace awf::policy {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;
constexpr unsigned kAllBits = 128;

bool is_mapped(const std::array<std::uint8_t, 16>& bytes) noexcept {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

// The bits of `bytes` after the first `length` set to zero.
std::array<std::uint8_t, 16> masked(std::array<std::uint8_t, 16> bytes, unsigned length) noexcept {
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = std::clamp(length, i * 8, i * 8 + 8) - i * 8;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  return bytes;
}

// IPv4 prefix lengths count from the end of the mapped prefix.
unsigned family_bits(IpAddress::Family family) noexcept {
  return family == IpAddress::Family::kV4 ? kMappedBits : 0;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton(3) reads C strings, so a NUL would hide what follows it. It is strict otherwise: four
  // decimal parts without leading zeros, or RFC 4291 without brackets and zone.
  const bool too_long = text.size() >= INET6_ADDRSTRLEN;
  if (text.empty() || too_long || text.find('\0') != std::string_view::npos) {
    return Error{"is not an IP address"};
  }
  const std::string terminated(text);
  std::array<std::uint8_t, 4> four{};
  if (::inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (::inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return v6(sixteen);
  return Error{"is not an IP address"};
}

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) noexcept {
  std::array<std::uint8_t, 16> mapped{};
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), mapped.begin());
  std::copy(bytes.begin(), bytes.end(), mapped.begin() + kMappedPrefix.size());
  return {Family::kV4, mapped};
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> bytes) noexcept {
  return {is_mapped(bytes) ? Family::kV4 : Family::kV6, bytes};
}

std::array<std::uint8_t, 4> IpAddress::v4_bytes() const noexcept {
  return {bytes_[12], bytes_[13], bytes_[14], bytes_[15]};
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const bool is_v4 = family_ == Family::kV4;
  const std::uint8_t* source = bytes_.data() + (is_v4 ? kMappedPrefix.size() : 0);
  // glibc compresses as RFC 5952 asks; the buffer is large enough for both families.
  verify(::inet_ntop(is_v4 ? AF_INET : AF_INET6, source, buffer.data(), buffer.size()) != nullptr,
         "an address has a text");
  return buffer.data();
}

Result<IpRange> IpRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view base_text = text.substr(0, slash);
  auto base = IpAddress::parse(base_text);
  if (!base) return Error{base.error()};
  const unsigned offset = family_bits(base->family());
  unsigned length = kAllBits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto number = parse_number<unsigned>(digits);
    if (!number || *number > kAllBits || (digits.size() > 1 && digits.front() == '0')) {
      return Error{"has no valid prefix length after '/'"};
    }
    // "::ffff:10.0.0.0/104" counts from the start of the IPv6 address, "10.0.0.0/8" does not.
    length = *number + (base_text.find(':') == std::string_view::npos ? offset : 0);
  }
  if (length < offset || length > kAllBits) return Error{"has no valid prefix length after '/'"};
  const auto masked_bytes = masked(base->bytes(), length);
  if (masked_bytes != base->bytes()) {
    return Error{"has bits set after its prefix; the block is " +
                 IpRange(IpAddress::v6(masked_bytes), length - offset).text()};
  }
  return IpRange(*base, length - offset);
}

IpRange IpRange::around(const IpAddress& address, unsigned prefix_length) noexcept {
  const unsigned length = std::min(prefix_length + family_bits(address.family()), kAllBits);
  return {IpAddress::v6(masked(address.bytes(), length)), length - family_bits(address.family())};
}

bool IpRange::contains(const IpAddress& address) const noexcept {
  if (address.family() != base_.family()) return false;
  return masked(address.bytes(), prefix_length_ + family_bits(base_.family())) == base_.bytes();
}

std::string IpRange::text() const {
  const bool single = prefix_length_ + family_bits(base_.family()) == kAllBits;
  return single ? base_.text() : base_.text() + "/" + std::to_string(prefix_length_);
}

}  // namespace awf::policy
