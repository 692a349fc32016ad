// A block of an address also closes the names that lead there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Block : public test_world::AwfRun {};
INSTANTIATE_TEST_SUITE_P(Modes, Block, test_world::all_modes(), test_world::mode_name);

TEST_P(Block, an_allowed_name_is_not_reached_at_blocked_addresses) {
  auto words = arguments("example.org",
                         "curl -sSf -m 10 https://example.org/; curl -sSf -m 10 "
                         "http://example.org/; curl -sSf https://www.example.org/");
  words.insert(words.begin(), {"--block-domains", "93.184.216.34,2606:2800:220:1::1"});
  const auto result = world.run_awf(words, options());
  EXPECT_EQ(result.output, "hello from www.example.org\n") << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.35", "2606:2800:220:1::2"}), IsEmpty());
  const auto records = test_world::audit_records_of(world, "example.org", "allow");
  ASSERT_FALSE(records.empty());
  EXPECT_THAT(records.front()["error"].get<std::string>(), HasSubstr("the block list holds"));
}

TEST_P(Block, a_name_with_a_blocked_and_an_open_address_is_reached_at_the_open_one) {
  auto words = arguments("example.org", "curl -sSf -m 10 https://example.org/");
  words.insert(words.begin(), {"--block-domains", "2606:2800::/32"});
  const auto result = world.run_awf(words, options());
  EXPECT_EQ(result.output, "hello from example.org\n") << result;
  EXPECT_THAT(world.packets_to_others({"93.184.216.34"}), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
