#include "firewall/capability_sets.hpp"

#include <gtest/gtest.h>

namespace awf::firewall {
namespace {

constexpr const char* kStatus =
    "Name:\tx\nCapInh:\t0000000000000001\nCapPrm:\t00000000000000ff\nCapEff:\t0000000000000002\n"
    "CapBnd:\t000001ffffffffff\nCapAmb:\t000001ffffffffff\nNoNewPrivs:\t0\n";

TEST(CapabilitySets, AreReadFromTheStatusFile) {
  const auto sets = read_capability_sets(kStatus);
  ASSERT_TRUE(sets);
  EXPECT_EQ(sets->inheritable, 1U);
  EXPECT_EQ(sets->permitted, 0xffU);
  EXPECT_EQ(sets->effective, 2U);
  EXPECT_EQ(sets->ambient, 0x1ffffffffffU);
}

TEST(CapabilitySets, AreUnknownWhenALineIsMissingOrNoNumber) {
  EXPECT_FALSE(read_capability_sets("CapInh:\t0\nCapPrm:\t0\nCapEff:\t0\n"));
  EXPECT_FALSE(read_capability_sets("CapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapAmb:\tfull\n"));
  EXPECT_FALSE(read_capability_sets(""));
}

}  // namespace
}  // namespace awf::firewall
