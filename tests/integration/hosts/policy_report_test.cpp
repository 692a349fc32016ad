// What awf says about its policy: warnings, the manifest, and a report without our own plumbing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using nlohmann::json;
using test_world::Caller;
using test_world::kAuditDirectory;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::size_t count_of(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
    ++count;
  return count;
}

std::string caller_name(const testing::TestParamInfo<Caller>& info) {
  return test_world::name_of(info.param);
}

class PolicyReport : public testing::TestWithParam<Caller> {
 protected:
  test_world::CommandResult run(std::vector<std::string> arguments, const std::string& line) {
    arguments.insert(arguments.end(), {"--audit-dir", kAuditDirectory, "--", line});
    test_world::RunOptions options;
    options.caller = GetParam();
    return world.run_awf(arguments, options);
  }
  json manifest() {
    const auto text = world.file(std::string(kAuditDirectory) + "/policy-manifest.json");
    return text ? json::parse(*text) : json();
  }

  test_world::World world = test_world::World::start();
};

INSTANTIATE_TEST_SUITE_P(Callers, PolicyReport, testing::Values(Caller::kSudo, Caller::kRootless),
                         caller_name);

TEST_P(PolicyReport, the_manifest_is_there_before_the_command_and_belongs_to_its_user) {
  test_world::RunOptions options;
  options.caller = GetParam();
  options.input_stays_open = true;
  auto running = world.spawn_awf(
      {"--allow-domains", "example.org,=github.com", "--block-domains", "www.example.org",
       "--audit-dir", kAuditDirectory, "--", "echo started; read line"},
      options);
  ASSERT_TRUE(running.wait_for_output("started")) << running.errors();
  const json before = manifest();
  running.close_input();
  (void)running.finish();
  EXPECT_EQ(before, manifest());
  EXPECT_EQ(manifest()["schema"], "awf-policy-manifest/1");
  EXPECT_EQ(manifest()["mode"], GetParam() == Caller::kRootless ? "rootless" : "privileged");
  EXPECT_EQ(manifest()["auditStart"], 0);
  EXPECT_EQ(manifest()["rules"].size(), 4U);
  struct stat status {};
  const auto path = world.path(std::string(kAuditDirectory) + "/policy-manifest.json");
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, test_world::kRunnerUid);
}

// Every rule that an audit record names is in the manifest, and a second run says where its records
// begin.
TEST_P(PolicyReport, records_of_the_audit_are_explained_by_the_manifest_of_their_run) {
  (void)run({"--allow-domains", "github.com"}, "curl -sS https://attacker.net/; true");
  const auto first = world.file(std::string(kAuditDirectory) + "/audit.jsonl");
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->empty());
  (void)run({"--allow-domains", "example.org", "--block-domains", "www.example.org"},
            "curl -sS https://example.org/ https://www.example.org/ https://denied.org/; true");
  const json second = manifest();
  EXPECT_EQ(second["auditStart"], first->size());
  std::vector<std::string> rules;
  for (const auto& rule : second["rules"])
    rules.push_back(rule["rule"]);
  const auto all = world.file(std::string(kAuditDirectory) + "/audit.jsonl");
  std::istringstream lines(all->substr(first->size()));
  int records = 0;
  for (std::string line; std::getline(lines, line); ++records)
    EXPECT_THAT(rules, testing::Contains(json::parse(line)["rule"].get<std::string>()));
  EXPECT_GE(records, 3);
}

TEST_P(PolicyReport, HTTP_15_DNS_07_each_entry_that_is_wider_than_it_looks_is_one_warning) {
  const auto result =
      run({"--allow-domains",
           "dns.google,gist.github.com,raw.githubusercontent.com,1.1.1.1,example.org,"
           "www.example.org,denied.org",
           "--block-domains", "denied.org"},
          "true");
  EXPECT_EQ(result.exit_code, 0) << result;
  for (const char* entry :
       {"\"dns.google\"", "\"gist.github.com\"", "\"raw.githubusercontent.com\"", "\"1.1.1.1\"",
        "\"denied.org\": allows nothing"}) {
    EXPECT_EQ(count_of(result.errors, std::string("--allow-domains: entry ") + entry), 1U)
        << entry << result;
  }
  EXPECT_THAT(result.errors, Not(HasSubstr("\"www.example.org\"")));
  EXPECT_THAT(result.errors, HasSubstr("1 of the allow list's entries add nothing"));
  EXPECT_EQ(manifest()["warnings"].size(), 5U);
  EXPECT_EQ(manifest()["notes"].size(), 1U);
}

TEST_P(PolicyReport, HTTP_15_names_that_anybody_registers_are_refused_before_anything_runs) {
  for (const char* entry : {"*.blob.core.windows.net", "productionresultssa*.blob.core.windows.net",
                            "*.s3.amazonaws.com", "*.web.app", "*.vercel.app", "*.ngrok.app"}) {
    const auto result = run({"--allow-domains", entry}, "echo RAN");
    EXPECT_EQ(result.exit_code, 125) << entry << result;
    EXPECT_THAT(result.errors, HasSubstr(entry));
    EXPECT_EQ(result.output, "");
  }
}

TEST_P(PolicyReport, RUN_17_our_own_plumbing_is_never_reported_as_blocked) {
  const auto result =
      run({"--allow-domains", "example.org", "--enable-host-access", "--allow-host-ports", "3000"},
          "curl -sSf https://example.org/ && exit 7");
  EXPECT_EQ(result.exit_code, 7) << result;
  EXPECT_THAT(result.errors, AllOf(Not(HasSubstr("blocked by")), Not(HasSubstr("were blocked"))));
  for (const auto& record : test_world::audit_records(world))
    EXPECT_EQ(record["verdict"], "allow") << record;
}

TEST_P(PolicyReport, RUN_17_the_noise_of_a_command_is_grouped_by_destination) {
  const auto result = run({"--allow-domains", "example.org"},
                          "for i in 1 2 3 4 5 6 7 8 9; do curl -sS https://attacker.net/ "
                          "2>/dev/null; done; exit 7");
  EXPECT_EQ(result.exit_code, 7) << result;
  EXPECT_EQ(count_of(result.errors, "\n  attacker.net:443"), 1U) << result;
  EXPECT_THAT(result.errors, HasSubstr("attacker.net:443 (9 times)"));
}

}  // namespace
}  // namespace awf::integration
