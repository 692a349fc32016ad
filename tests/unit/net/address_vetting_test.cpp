#include "net/address_vetting.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace awf::net {
namespace {

using policy::HostName;
using policy::IpAddress;
using policy::IpRange;

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).or_refuse();
}

AddressVetting vetting(const std::vector<std::string_view>& allowed = {}) {
  std::vector<IpRange> ranges;
  ranges.reserve(allowed.size());
  for (const auto text : allowed)
    ranges.push_back(IpRange::parse(text).or_refuse());
  return AddressVetting(ranges, {address("8.8.4.4"), address("2600::1")});
}

TEST(AddressVetting, DNS_12_only_public_addresses_of_others_pass) {
  for (const char* text : {"8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"}) {
    EXPECT_FALSE(vetting().refusal(address(text)).has_value()) << text;
  }
  for (const char* text : {"127.0.0.1",
                           "10.0.0.1",
                           "172.16.0.1",
                           "192.168.1.1",
                           "169.254.169.254",
                           "168.63.129.16",
                           "100.64.0.1",
                           "0.0.0.0",
                           "224.0.0.1",
                           "255.255.255.255",
                           "::1",
                           "::",
                           "fe80::1",
                           "fd00::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "2002:7f00:1::",
                           "8.8.4.4",
                           "2600::1"}) {
    EXPECT_TRUE(vetting().refusal(address(text)).has_value()) << text;
  }
}

TEST(AddressVetting, the_reason_names_the_address_and_what_it_is) {
  const auto reason = vetting().refusal(address("10.0.0.1"));
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(reason->find("10.0.0.1 is a private address"), 0U) << *reason;
  EXPECT_EQ(vetting().refusal(address("8.8.4.4")), "8.8.4.4 is an address of this machine");
}

TEST(AddressVetting, an_allowed_range_is_an_exception_for_its_addresses_only) {
  const AddressVetting some = vetting({"10.1.0.0/16", "8.8.4.4/32"});
  EXPECT_FALSE(some.refusal(address("10.1.2.3")).has_value());
  EXPECT_FALSE(some.refusal(address("8.8.4.4")).has_value());
  EXPECT_TRUE(some.refusal(address("10.2.0.1")).has_value());
}

TEST(AddressVetting, DNS_12_of_a_mixed_answer_only_the_public_part_may_be_dialled) {
  const auto name = HostName::parse("rebind.example").or_refuse();
  const auto vetted = vetting().vet(name, {address("8.8.8.8"), address("10.0.0.1"),
                                           address("2606:4700::1"), address("127.0.0.1")});
  EXPECT_EQ(vetted.addresses, (std::vector{address("8.8.8.8"), address("2606:4700::1")}));
  EXPECT_EQ(vetted.refused.find("rebind.example resolves to 10.0.0.1, a private address"), 0U)
      << vetted.refused;
  EXPECT_EQ(vetting().vet(name, {address("8.8.8.8")}).refused, "");
}

TEST(AddressVetting, DNS_12_S2_E3_with_a_refused_address_its_translations_are_refused) {
  const auto name = HostName::parse("rebind.example").or_refuse();
  for (const char* translated :
       {"2600:1:a09:909::", "2600:1:c0a:909:9::", "2600:1:2:a09:9:900::", "2600:1:2:30a:9:909::",
        "2600:1:2:3:a:909:900::", "2600:1::a09:909"}) {
    const auto vetted = vetting().vet(name, {address("10.9.9.9"), address(translated)});
    EXPECT_TRUE(vetted.addresses.empty()) << translated;
    EXPECT_EQ(vetting().vet(name, {address("1.9.9.9"), address(translated)}).addresses.size(), 2U);
  }
}

TEST(AddressVetting, the_machines_own_addresses_are_read_and_may_change) {
  const auto own = read_own_addresses();
  EXPECT_NE(std::find(own.begin(), own.end(), address("127.0.0.1")), own.end());
  AddressVetting changing({}, {});
  EXPECT_FALSE(changing.refusal(address("8.8.8.8")).has_value());
  changing.set_own_addresses({address("9.9.9.9"), address("8.8.8.8")});
  EXPECT_TRUE(changing.refusal(address("8.8.8.8")).has_value());
}

}  // namespace
}  // namespace awf::net
