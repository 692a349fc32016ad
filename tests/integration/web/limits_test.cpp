// Limits on allowed traffic: bytes sent, and the age of TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::audit_records_of;
using test_world::CommandResult;
using testing::HasSubstr;

class Limits : public test_world::AwfRun {
 protected:
  CommandResult run_with(const std::vector<std::string>& limits, const std::string& line) {
    auto words = arguments("github.com,example.org", line);
    words.insert(words.begin(), limits.begin(), limits.end());
    return world.run_awf(words, options());
  }
  // What the origins got, by their own account: nothing of a request that was cut.
  std::size_t answered_sums() {
    std::size_t count = 0;
    for (const auto& request : world.web_requests())
      count += request.target == "/sum" && request.status == 200 ? 1U : 0U;
    return count;
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Limits, test_world::all_modes(), test_world::mode_name);

TEST_P(Limits, NET_37_an_upload_beyond_the_budget_of_a_host_is_cut_and_reported) {
  for (const std::string scheme : {"http", "https"}) {
    const auto result = run_with(
        {"--max-tx", "github.com=300K"},
        "head -c 200000 /dev/zero > fits; head -c 2000000 /dev/zero > not; url=" + scheme +
            "://api.github.com/sum; curl -fsS -T fits $url; curl -fsS -T not $url; echo $?; "
            "curl -fsS -T fits " +
            scheme + "://github.com/sum; echo $?; curl -fsS -T not " + scheme +
            "://example.org/sum");
    EXPECT_THAT(result.output, testing::ContainsRegex("^[0-9a-f]+ 200000\n[1-9][0-9]*\n"
                                                      "[1-9][0-9]*\n[0-9a-f]+ 2000000\n$"))
        << scheme << result;
    const auto cut = audit_records_of(world, "api.github.com", "deny");
    ASSERT_EQ(cut.size(), 1U) << scheme;
    EXPECT_EQ(cut.front()["rule"], "max-tx");
    EXPECT_THAT(cut.front()["reason"].get<std::string>(), HasSubstr("github.com (307200 bytes)"));
    EXPECT_LE(cut.front()["bytesUp"].get<std::uint64_t>(), 307200U);
    const auto later = audit_records_of(world, "github.com", "deny");
    ASSERT_FALSE(later.empty());
    EXPECT_EQ(later.front()["rule"], "max-tx");
    EXPECT_EQ(std::filesystem::remove(
                  world.path(std::string(test_world::kAuditDirectory) + "/audit.jsonl")),
              true);
  }
  EXPECT_EQ(answered_sums(), 4U);
}

TEST_P(Limits, NET_37_a_total_counts_all_hosts_and_only_what_is_sent) {
  const auto result = run_with({"--max-tx-total", "300K"},
                               "head -c 200000 /dev/zero > fits; "
                               "curl -fsS https://github.com/bytes/5000000 | wc -c; "
                               "curl -fsS -T fits https://github.com/sum | cut -d ' ' -f 2; "
                               "curl -fsS -T fits https://example.org/sum; echo $?");
  EXPECT_THAT(result.output, testing::ContainsRegex("^5000000\n200000\n[1-9][0-9]*\n$")) << result;
  const auto cut = audit_records_of(world, "example.org", "deny");
  ASSERT_FALSE(cut.empty());
  EXPECT_THAT(cut.front()["reason"].get<std::string>(), HasSubstr("of this run (307200 bytes)"));
}

TEST_P(Limits, TLS_08_clients_that_offer_only_old_tls_are_refused_by_option) {
  const std::string old = "curl -fsS --tls-max 1.2 https://github.com/";
  EXPECT_EQ(run_with({}, old).output, "hello from github.com\n");
  EXPECT_EQ(run_with({"--min-tls", "1.2"}, old).output, "hello from github.com\n");
  const auto refused = run_with({"--min-tls", "1.3"}, old + "; curl -fsS https://github.com/");
  EXPECT_EQ(refused.output, "hello from github.com\n") << refused;
  const auto records = audit_records_of(world, "github.com", "deny");
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.front()["rule"], "tls-version");
}

TEST_P(Limits, NET_37_a_limit_that_cannot_be_meant_is_refused_before_anything_runs) {
  for (const auto& limit : std::vector<std::vector<std::string>>{
           {"--max-tx", "github.com"}, {"--max-tx-total", "much"}, {"--min-tls", "1.0"}}) {
    const auto result = run_with(limit, "echo ran");
    EXPECT_EQ(result.exit_code, 125) << result;
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.errors, HasSubstr(limit.front() + " \"" + limit.back() + "\""));
  }
}

}  // namespace
}  // namespace awf::integration
