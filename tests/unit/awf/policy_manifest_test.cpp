#include "awf/policy_manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace awf::supervisor {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json manifest_of(const Options& options) {
  const auto config = configure(options, [](const std::string&) { return std::nullopt; });
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'700'000'000)};
  return json::parse(policy_manifest(config, 4096, now));
}

Options some_options() {
  Options options;
  options.command = {"true"};
  options.allow_domains = {"github.com,=example.com:22,140.82.112.3"};
  options.block_domains = {"gist.github.com"};
  options.enable_host_access = true;
  options.allow_host_ports = {"3000-3010"};
  options.dns_servers = {"9.9.9.9"};
  options.allow_private = {"10.0.0.0/8"};
  return options;
}

TEST(PolicyManifest, lists_the_rules_in_the_order_of_judgement_with_origin_and_meaning) {
  const json rules = manifest_of(some_options())["rules"];
  std::vector<std::string> texts;
  for (const auto& rule : rules)
    texts.push_back(rule["rule"]);
  EXPECT_THAT(texts, ElementsAre("gist.github.com", "--allow-host-ports 3000-3010", "github.com",
                                 "=example.com:22", "140.82.112.3", "default"));
  EXPECT_EQ(rules[0]["action"], "deny");
  EXPECT_EQ(rules[0]["id"], "deny-1");
  EXPECT_EQ(rules[0]["origin"], "--block-domains");
  EXPECT_EQ(rules[1]["portRange"], json::parse("[3000,3010]"));
  EXPECT_EQ(rules[2]["description"],
            "github.com and every name below it: HTTP on port 80, TLS on port 443");
  EXPECT_EQ(rules[3]["ports"], json::parse("[22]"));
  EXPECT_EQ(rules[5]["action"], "deny");
}

TEST(PolicyManifest, says_how_it_is_enforced_and_what_else_was_given) {
  const json manifest = manifest_of(some_options());
  EXPECT_EQ(manifest["schema"], "awf-policy-manifest/1");
  EXPECT_EQ(manifest["generatedAt"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(manifest["auditStart"], 4096);
  EXPECT_EQ(manifest["dnsServers"], json::parse(R"(["9.9.9.9"])"));
  EXPECT_EQ(manifest["allowPrivateAddresses"], json::parse(R"(["10.0.0.0/8"])"));
  EXPECT_EQ(manifest["literals"], json::parse(R"(["140.82.112.3"])"));
  EXPECT_EQ(manifest["hostAccessEnabled"], true);
  EXPECT_EQ(manifest["allowHostPorts"], json::parse(R"(["3000-3010"])"));
  EXPECT_EQ(manifest["dangerousPorts"].size(), 21U);
  EXPECT_EQ(manifest["enforcement"]["ipv4"], manifest["enforcement"]["ipv6"]);
  EXPECT_FALSE(manifest["awfVersion"].get<std::string>().empty());
}

TEST(PolicyManifest, HTTP_15_holds_the_warnings_and_notes_of_the_policy) {
  Options options;
  options.command = {"true"};
  options.allow_domains = {"dns.google,github.com,api.github.com,denied.org"};
  options.block_domains = {"denied.org"};
  const json manifest = manifest_of(options);
  EXPECT_THAT(manifest["warnings"].get<std::vector<std::string>>(),
              ElementsAre(HasSubstr("dns.google"), HasSubstr("blocked by \"denied.org\"")));
  EXPECT_THAT(manifest["notes"].get<std::vector<std::string>>(),
              ElementsAre(HasSubstr("api.github.com")));
}

TEST(PolicyManifest, of_an_empty_policy_denies_everything) {
  Options options;
  options.command = {"true"};
  const json manifest = manifest_of(options);
  EXPECT_EQ(manifest["rules"].size(), 1U);
  EXPECT_EQ(manifest["allowHostPorts"], nullptr);
  EXPECT_EQ(manifest["dnsServersFrom"], "machine");
}

}  // namespace
}  // namespace awf::supervisor
