#include "awf/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace awf::supervisor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

RunConfig config_for(const std::string& allow) {
  Options options;
  options.command = {"curl", "https://example.com/"};
  if (!allow.empty()) options.allow_domains = {allow};
  auto config = configure(options, [](const std::string&) { return std::nullopt; });
  config.identity = Identity{.mode = Mode::kPrivileged,
                             .uid = 1001,
                             .gid = 1002,
                             .groups = {27, 44},
                             .user_name = "me",
                             .home = "/home/me"};
  config.workspace = "/home/me/project";
  return config;
}

std::vector<std::string> programs_of(const std::vector<std::string>& chain) {
  std::vector<std::string> programs;
  for (const auto& word : chain) {
    const auto slash = word.rfind("/awf-");
    if (slash != std::string::npos) programs.push_back(word.substr(slash + 1));
  }
  return programs;
}

TEST(Plan, the_chain_is_in_the_only_order_that_works_and_ends_with_the_command) {
  const auto plan = make_plan(config_for("example.com"), "/opt/awf/bin", 61184);
  EXPECT_THAT(programs_of(plan.chain),
              testing::ElementsAre("awf-firewall", "awf-mask-credentials", "awf-exit-relay",
                                   "awf-confine", "awf-self-test", "awf-unset-tokens"));
  const std::vector<std::string> end(plan.chain.end() - 3, plan.chain.end());
  EXPECT_THAT(end, testing::ElementsAre("--", "curl", "https://example.com/"));
}

TEST(Plan, every_program_after_the_mask_is_run_from_the_place_that_the_mask_shows) {
  const auto plan = make_plan(config_for(""), "/opt/awf/bin", 61184);
  EXPECT_THAT(plan.chain, Contains("/opt/awf/bin/awf-mask-credentials"));
  for (const auto* name : {"awf-exit-relay", "awf-confine", "awf-self-test", "awf-unset-tokens"}) {
    EXPECT_THAT(plan.chain, Contains(std::string("/run/awf/bin/") + name));
  }
}

TEST(Plan, a_user_namespace_is_made_only_without_privileges) {
  auto config = config_for("");
  EXPECT_THAT(make_plan(config, "/b", 1).chain, Not(Contains("--user-namespace")));
  EXPECT_THAT(make_plan(config, "/b", 1).egress_proxy, Contains("--uid"));
  config.identity.mode = Mode::kRootless;
  EXPECT_THAT(make_plan(config, "/b", 1).chain, Contains("--user-namespace"));
  EXPECT_THAT(make_plan(config, "/b", 1).egress_proxy, Not(Contains("--uid")));
}

TEST(Plan, FS_05_the_workspace_is_watched_where_there_is_one_and_secrets_where_there_is_a_report) {
  auto config = config_for("");
  auto plan = make_plan(config, "/b", 1);
  EXPECT_THAT(plan.workspace_watch,
              testing::ElementsAre("/b/awf-workspace", "--control-fd", "3", "--directory",
                                   "/home/me/project", "--uid", "1001", "--gid", "1002"));
  config.audit_directory = "/var/log/awf";
  EXPECT_THAT(make_plan(config, "/b", 1).workspace_watch, Contains("--report-fd"));
  config.workspace.reset();
  EXPECT_THAT(make_plan(config, "/b", 1).workspace_watch, testing::IsEmpty());
}

TEST(Plan, FS_05_git_configurations_may_be_changed_only_when_it_is_asked_for) {
  auto config = config_for("");
  EXPECT_THAT(make_plan(config, "/b", 1).chain, Not(Contains("--allow-git-config")));
  config.allow_git_config = true;
  EXPECT_THAT(make_plan(config, "/b", 1).chain, Contains("--allow-git-config"));
}

TEST(Plan, the_policy_reaches_the_proxy_with_the_origin_of_each_entry) {
  const auto plan = make_plan(config_for("example.com,=example.org"), "/b", 1);
  const auto json = nlohmann::json::parse(plan.policy_json);
  EXPECT_EQ(json["allow"][1]["text"], "=example.org");
  EXPECT_THAT(json["allow"][0]["origin"].get<std::string>(), HasSubstr("--allow-domains"));
}

TEST(Plan, only_dns_over_https_has_its_program_and_only_an_upstream_proxy_its_url) {
  auto config = config_for("example.com");
  auto plan = make_plan(config, "/b", 1);
  EXPECT_THAT(plan.egress_proxy, Not(Contains("--doh-program")));
  EXPECT_FALSE(nlohmann::json::parse(plan.policy_json).contains("dnsOverHttps"));
  config.upstream.doh_url = "https://d.example/q";
  config.upstream.proxy_url = "http://a:secret@p.example:3128";
  config.upstream.no_proxy = {"corp.net"};
  plan = make_plan(config, "/b", 1);
  EXPECT_THAT(plan.egress_proxy, Contains("/b/awf-doh"));
  EXPECT_THAT(plan.egress_proxy, Not(Contains(HasSubstr("secret"))));
  const auto json = nlohmann::json::parse(plan.policy_json);
  EXPECT_EQ(json["dnsOverHttps"], "https://d.example/q");
  EXPECT_EQ(json["upstreamProxy"]["url"], "http://a:secret@p.example:3128");
  EXPECT_EQ(json["upstreamProxy"]["noProxy"][0], "corp.net");
}

TEST(Plan, RUN_15_the_self_test_asks_for_a_name_that_the_policy_allows) {
  EXPECT_EQ(self_test_name(config_for("example.com")), "example.com");
  EXPECT_EQ(self_test_name(config_for("=example.org")), "example.org");
  EXPECT_EQ(self_test_name(config_for("*.example.org")), "awf-self-test.example.org");
  EXPECT_EQ(self_test_name(config_for("http://example.org")), "");
  EXPECT_EQ(self_test_name(config_for("github.com:22")), "");
  EXPECT_EQ(self_test_name(config_for("")), "");
}

TEST(Plan, what_is_shown_can_be_read_back_by_a_shell) {
  EXPECT_EQ(shown({"/bin/sh", "-c", "echo 'a b'"}), "/bin/sh -c 'echo '\\''a b'\\'''\n");
  EXPECT_EQ(shown({"a", "--", "b"}), "a -- \\\n  b\n");
}

TEST(Plan, NET_37_TLS_08_limits_reach_the_proxys_policy_and_only_when_they_were_given) {
  auto config = config_for("example.com");
  EXPECT_THAT(make_plan(config, "/b", 1).policy_json,
              testing::AllOf(Not(HasSubstr("maxTx")), Not(HasSubstr("minTls"))));
  config.limits = {.max_tx = {"example.com=5"}, .max_tx_total = 7, .min_tls = "1.3"};
  const auto policy = nlohmann::json::parse(make_plan(config, "/b", 1).policy_json);
  EXPECT_EQ(policy["maxTx"], nlohmann::json::array({"example.com=5"}));
  EXPECT_EQ(policy["maxTxTotal"], 7);
  EXPECT_EQ(policy["minTls"], "1.3");
}

TEST(Plan, PROC_16_the_number_of_processes_is_limited_by_the_user_namespace_or_by_a_cgroup) {
  auto config = config_for("");
  config.resources.processes = 40;
  config.resources.processes_by_rlimit = true;
  EXPECT_THAT(make_plan(config, "/b", 1).chain, testing::IsSupersetOf({"--process-limit", "42"}));
  EXPECT_FALSE(config.resources.for_cgroup().any());
  config.resources.processes_by_rlimit = false;
  EXPECT_THAT(make_plan(config, "/b", 1).chain, Not(Contains("--process-limit")));
  EXPECT_EQ(config.resources.for_cgroup().processes, 42U);
}

TEST(Plan, the_callers_limit_of_file_sizes_is_set_again_for_the_command) {
  auto config = config_for("");
  EXPECT_THAT(make_plan(config, "/b", 1).chain, Not(Contains("--file-size-limit")));
  config.resources.file_size = 1024;
  EXPECT_THAT(make_plan(config, "/b", 1).chain,
              testing::IsSupersetOf({"--file-size-limit", "1024"}));
}

TEST(Plan, FS_01_the_mask_learns_of_homes_relocated_directories_and_files_by_their_names) {
  auto config = config_for("");
  config.view.other_homes = {"/root"};
  config.view.relocations = {".config=/srv/xdg"};
  config.view.known_hidden = {"/srv/key.json"};
  config.view.home_size = 4096;
  config.view.home_writable = true;
  const auto chain = make_plan(config, "/opt/awf/bin", 1).chain;
  const std::vector<std::string> expected = {
      "--other-home",     "/root",        "--home-size",  "4096", "--home-writable", "--relocated",
      ".config=/srv/xdg", "--hide-known", "/srv/key.json"};
  EXPECT_NE(std::search(chain.begin(), chain.end(), expected.begin(), expected.end()), chain.end());
}

}  // namespace
}  // namespace awf::supervisor
