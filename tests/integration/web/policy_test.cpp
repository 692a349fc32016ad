// Which names a list of domains covers, by traffic.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Policy : public test_world::AwfRun {
 protected:
  // One line a name: "NAME hello from NAME" when it was reached, "NAME" alone otherwise.
  std::string reach(const std::string& allow, const std::vector<std::string>& names) {
    std::string line = "for n in";
    for (const auto& name : names)
      line += " " + name;
    return run(allow, line + "; do echo $n $(curl -fsS https://$n/ 2>/dev/null); done").output;
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Policy, test_world::all_modes(), test_world::mode_name);

TEST_P(Policy, S1_G1_five_allowed_domains_work_and_the_sixth_is_blocked) {
  const std::vector<std::string> allowed{"github.com", "example.org", "example.com", "pypi.org",
                                         "registry.npmjs.org"};
  auto names = allowed;
  names.emplace_back("attacker.net");
  std::string expected;
  for (const auto& name : allowed)
    expected.append(name).append(" hello from ").append(name).append("\n");
  expected += "attacker.net\n";
  EXPECT_EQ(reach("github.com,example.org,example.com,pypi.org,registry.npmjs.org", names),
            expected);
  EXPECT_THAT(world.packets(),
              Not(testing::Contains(testing::Field(&test_world::Packets::address, "198.41.30.7"))));
}

TEST_P(Policy, S1_G2_a_plain_name_covers_its_subdomains_and_no_look_alike) {
  EXPECT_EQ(reach("github.com", {"github.com", "api.github.com", "a.b.github.com", "notgithub.com",
                                 "github.com.attacker.net"}),
            "github.com hello from github.com\napi.github.com hello from api.github.com\n"
            "a.b.github.com hello from a.b.github.com\nnotgithub.com\ngithub.com.attacker.net\n");
}

TEST_P(Policy, S1_G2_a_wildcard_covers_every_depth_but_not_the_apex) {
  EXPECT_EQ(reach("*.example.org", {"www.example.org", "deep.sub.example.org", "example.org"}),
            "www.example.org hello from www.example.org\n"
            "deep.sub.example.org hello from deep.sub.example.org\nexample.org\n");
}

TEST_P(Policy, S9_08_the_block_list_wins_over_the_allow_list) {
  auto words =
      arguments("github.com", "curl -fsS https://github.com; curl -fsS https://api.github.com");
  words.insert(words.begin(), {"--block-domains", "api.github.com"});
  const auto result = world.run_awf(words, options());
  EXPECT_EQ(result.output, "hello from github.com\n") << result;
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(world.packets_to_others({"140.82.112.3", "2606:50c0:8000::153"}), IsEmpty());
}

TEST_P(Policy, an_empty_policy_denies_all) {
  const auto result = run("", "curl -fsS https://github.com; curl -fsS http://93.184.216.34; true");
  EXPECT_EQ(result.exit_code, 0) << result;
  EXPECT_THAT(result.output, Not(HasSubstr("hello")));
  EXPECT_THAT(world.packets(), IsEmpty());
}

}  // namespace
}  // namespace awf::integration
