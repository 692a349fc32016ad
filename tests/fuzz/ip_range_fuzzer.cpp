// Any bytes as an address or block, and any 16 bytes as an address: text and value agree, and no
// embedding of an IPv4 address is better than the address itself.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "policy/ip_range.hpp"

namespace {

using awf::policy::AddressClass;
using awf::policy::IpAddress;
using awf::policy::IpRange;

void verify_address(const IpAddress& address) {
  const auto again = IpAddress::parse(address.text());
  awf::verify(again && *again == address, "the text of an address is read as itself");
  const unsigned bits = address.family() == IpAddress::Family::kV4 ? 32 : 128;
  for (unsigned length = 0; length <= bits; ++length) {
    const IpRange around = IpRange::around(address, length);
    awf::verify(around.contains(address), "a block holds what it was made around");
    const auto read = IpRange::parse(around.text());
    awf::verify(read && *read == around, "the text of a block is read as itself");
  }
}

// NAT64, 6to4 and the compatible form of the same four bytes.
void verify_embeddings(std::array<std::uint8_t, 4> v4) {
  if (awf::policy::classify(IpAddress::v4(v4)) == AddressClass::kPublic) return;
  std::array<std::uint8_t, 16> nat64 = {0, 0x64, 0xff, 0x9b};
  std::copy(v4.begin(), v4.end(), nat64.begin() + 12);
  std::array<std::uint8_t, 16> six_to_four = {0x20, 0x02};
  std::copy(v4.begin(), v4.end(), six_to_four.begin() + 2);
  std::array<std::uint8_t, 16> compatible{};
  std::copy(v4.begin(), v4.end(), compatible.begin() + 12);
  for (const auto& bytes : {nat64, six_to_four, compatible}) {
    awf::verify(awf::policy::classify(IpAddress::v6(bytes)) != AddressClass::kPublic,
                "an embedding of a special address is not public");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto range = IpRange::parse(awf::fuzz::as_text(data, size))) {
    awf::verify(range->contains(range->base()), "a block holds its base");
    verify_address(range->base());
  }
  if (size != 16) return 0;
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(data, bytes.size(), bytes.begin());
  verify_address(IpAddress::v6(bytes));
  verify_embeddings({data[0], data[1], data[2], data[3]});
  return 0;
}
