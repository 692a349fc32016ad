// Large bodies and many requests at once: nothing is lost, altered or mixed up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::CommandResult;
using testing::HasSubstr;

class Load : public test_world::AwfRun {
 protected:
  CommandResult run_long(const std::string& line) {
    auto patient = options();
    patient.limit = std::chrono::seconds(90);
    return world.run_awf(arguments("github.com", line), patient);
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Load, test_world::all_modes(), test_world::mode_name);

// Two lines that name the same digest: of what was sent and of what arrived.
void expect_same_digest(const test_world::CommandResult& result) {
  ASSERT_EQ(result.exit_code, 0) << result;
  ASSERT_GT(result.output.size(), 65U) << result;
  EXPECT_EQ(result.output.substr(65), result.output.substr(0, 64) + " 104857600\n") << result;
}

// /digest/N is the origin's own word about what /bytes/N sends; /sum is about what it received.
TEST_P(Load, S1_G3_100_MiB_down_and_up_arrive_identical) {
  for (const std::string origin : {"url=http://github.com; ", "url=https://github.com; "}) {
    expect_same_digest(run_long(origin +
                                "curl -fsS $url/bytes/104857600 | sha256sum | cut -c 1-64; "
                                "curl -fsS $url/digest/104857600"));
    expect_same_digest(
        run_long(origin + "head -c 104857600 /dev/urandom > big; sha256sum big | cut -c 1-64; "
                          "curl -fsS -T big $url/sum"));
  }
}

TEST_P(Load, S1_G4_50_parallel_requests_among_denied_ones_get_their_own_answers) {
  const auto result = run_long(
      "seq 50 | xargs -P 100 -I{} sh -c '"
      "curl -sS https://api.github.com/echo?n={} | sed \"s/^/{} /\" & "
      "curl -fsS https://attacker.net/echo?n={} 2>/dev/null && echo {} ESCAPED; wait'");
  std::vector<std::string> lines;
  std::istringstream stream(result.output);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  std::vector<std::string> expected;
  for (int n = 1; n <= 50; ++n) {
    expected.push_back(std::to_string(n) + " GET /echo?n=" + std::to_string(n));
  }
  EXPECT_THAT(lines, testing::UnorderedElementsAreArray(expected)) << result;
}

TEST_P(Load, git_clones_over_https) {
  const auto result =
      run("github.com", "git clone -q https://github.com/org/repo.git && cat repo/README");
  EXPECT_THAT(result.output, HasSubstr("hello from the repository")) << result;
}

}  // namespace
}  // namespace awf::integration
