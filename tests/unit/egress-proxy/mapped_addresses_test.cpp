#include "egress-proxy/mapped_addresses.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace awf::egress {
namespace {

using policy::HostName;
using policy::IpAddress;

HostName name(const std::string& text) {
  return HostName::parse(text).or_refuse();
}
IpAddress address(const std::string& text) {
  return IpAddress::parse(text).or_refuse();
}

TEST(MappedAddresses, one_name_keeps_one_address_of_each_family) {
  MappedAddresses mapped;
  const auto first = mapped.addresses_of(name("a.example"));
  const auto other = mapped.addresses_of(name("b.example"));
  ASSERT_TRUE(first && other);
  EXPECT_EQ(first->v4.text(), "198.18.0.1");
  EXPECT_EQ(first->v6.text(), "2001:2::1");
  EXPECT_NE(first->v4, other->v4);
  EXPECT_EQ(mapped.addresses_of(name("A.Example."))->v4, first->v4);
  EXPECT_EQ(mapped.name_of(first->v4)->text(), "a.example");
  EXPECT_EQ(mapped.name_of(first->v6)->text(), "a.example");
  EXPECT_EQ(mapped.name_of(other->v6)->text(), "b.example");
}

TEST(MappedAddresses, DNS_19_addresses_that_were_not_given_out_have_no_name) {
  MappedAddresses mapped;
  (void)mapped.addresses_of(name("a.example"));
  for (const char* text :
       {"198.18.0.0", "198.18.0.2", "198.18.0.255", "198.19.255.255", "198.20.0.1", "198.17.0.1",
        "2001:2::", "2001:2::2", "2001:2:0:1::1", "2001:2::1:0:0:1", "2001:3::1", "8.8.8.8"}) {
    EXPECT_EQ(mapped.name_of(address(text)), nullptr) << text;
  }
}

TEST(MappedAddresses, the_ranges_are_recognised_at_their_borders) {
  for (const char* text :
       {"198.18.0.0", "198.19.255.255", "2001:2::", "2001:2::ffff:ffff:ffff:ffff"}) {
    EXPECT_TRUE(MappedAddresses::is_mapped(address(text))) << text;
  }
  for (const char* text : {"198.17.255.255", "198.20.0.0", "2001:2:0:1::", "2001:1::", "::1"}) {
    EXPECT_FALSE(MappedAddresses::is_mapped(address(text))) << text;
  }
}

TEST(MappedAddresses, DNS_19_a_spent_pool_gives_no_address_and_reuses_none) {
  MappedAddresses mapped(0, 300);
  std::set<std::string> seen;
  for (int i = 0; i < 300; ++i) {
    const auto pair = mapped.addresses_of(name("n" + std::to_string(i) + ".example"));
    ASSERT_TRUE(pair);
    const auto last = pair->v4.v4_bytes()[3];
    EXPECT_TRUE(last != 0 && last != 255);
    EXPECT_TRUE(seen.insert(pair->v4.text()).second);
    EXPECT_EQ(mapped.name_of(pair->v4)->text(), "n" + std::to_string(i) + ".example");
    EXPECT_EQ(mapped.name_of(pair->v6), mapped.name_of(pair->v4));
  }
  EXPECT_FALSE(mapped.addresses_of(name("one-more.example")));
  EXPECT_TRUE(mapped.addresses_of(name("n7.example")));
}

TEST(MappedAddresses, DNS_19_a_run_that_begins_elsewhere_knows_no_address_of_another) {
  MappedAddresses before(0);
  MappedAddresses after(MappedAddresses::kPoolSize - 1);
  const auto old = before.addresses_of(name("a.example"));
  const auto last = after.addresses_of(name("b.example"));
  EXPECT_EQ(last->v4.text(), "198.19.255.254");
  EXPECT_EQ(after.name_of(old->v4), nullptr);
  // The pool goes on at its beginning.
  EXPECT_EQ(after.addresses_of(name("c.example"))->v4, old->v4);
}

}  // namespace
}  // namespace awf::egress
