#include "awf/run_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "common/check.hpp"

namespace awf::supervisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::optional<std::string> no_variable(const std::string& /*name*/) {
  return std::nullopt;
}

Options with_command() {
  Options options;
  options.command = {"true"};
  return options;
}

std::string refusal_of(const Options& options, const GetVariable& variable = no_variable) {
  try {
    (void)configure(options, variable);
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
  return "accepted";
}

TEST(RunConfig, no_home_and_no_system_directory_becomes_a_workspace) {
  for (const auto* bad :
       {"/", "/home", "/home/me", "/etc", "/etc/ssl", "/usr/local", "/tmp", "/run/x"}) {
    EXPECT_FALSE(is_workspace_candidate(bad, "/home/me")) << bad;
  }
  for (const auto* good :
       {"/home/me/project", "/srv/checkout", "/tmp/build", "/homestead", "/opt/x"}) {
    EXPECT_TRUE(is_workspace_candidate(good, "/home/me")) << good;
  }
}

TEST(RunConfig, one_word_is_a_line_for_bash_and_several_are_an_argv) {
  Options options = with_command();
  options.command = {"echo $HOME && true"};
  EXPECT_THAT(configure(options, no_variable).command,
              ElementsAre("/bin/bash", "-c", "echo $HOME && true"));
  options.command = {"echo", "$HOME"};
  EXPECT_THAT(configure(options, no_variable).command, ElementsAre("echo", "$HOME"));
}

TEST(RunConfig, S2_G2_a_dns_server_that_is_none_is_refused_by_its_name) {
  for (const auto* bad : {"not:an:ipv6", "256.1.1.1", "dns.google", "1.1.1.1:53"}) {
    Options options = with_command();
    options.dns_servers = {bad};
    EXPECT_THAT(refusal_of(options), HasSubstr(bad));
  }
}

TEST(RunConfig, S2_11_a_link_local_dns_server_needs_an_existing_zone) {
  Options options = with_command();
  options.dns_servers = {"fe80::1%lo"};
  EXPECT_EQ(refusal_of(options), "accepted");
  options.dns_servers = {"fe80::1%nosuchzone"};
  EXPECT_THAT(refusal_of(options), HasSubstr("nosuchzone"));
}

TEST(RunConfig, S2_11_a_zone_belongs_to_link_local_dns_servers_alone) {
  Options options = with_command();
  options.dns_servers = {"fe80::1"};
  EXPECT_THAT(refusal_of(options), HasSubstr("name its interface: fe80::1%eth0"));
  options.dns_servers = {"2620:fe::fe%lo"};
  EXPECT_THAT(refusal_of(options), HasSubstr("only link-local"));
}

GetVariable variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

TEST(RunConfig, the_upstream_proxy_comes_from_the_option_or_the_environment) {
  Options options = with_command();
  EXPECT_EQ(configure(options, no_variable).upstream.proxy_url, std::nullopt);
  const auto both = variables({{"https_proxy", "http://me:pw@p.example:8080/"},
                               {"HTTP_PROXY", "me:pw@p.example:8080"},
                               {"NO_PROXY", "localhost, .corp.net,10.0.0.0/8,*.x.net"}});
  const auto found = configure(options, both).upstream;
  EXPECT_EQ(found.proxy_url, "http://me:pw@p.example:8080");
  EXPECT_EQ(found.proxy_shown, "p.example:8080");
  EXPECT_THAT(found.no_proxy, ElementsAre("corp.net"));
  EXPECT_THAT(found.warnings, ElementsAre(HasSubstr("10.0.0.0/8"), HasSubstr("*.x.net")));
  options.upstream_proxy = "http://other.example";
  EXPECT_EQ(configure(options, both).upstream.proxy_url, "http://other.example:3128");
  options.upstream_proxy = "none";
  EXPECT_EQ(configure(options, both).upstream.proxy_url, std::nullopt);
  options.upstream_proxy.reset();
  EXPECT_EQ(configure(options, variables({{"http_proxy", "p.example"}, {"no_proxy", "*"}}))
                .upstream.proxy_url,
            std::nullopt);
}

TEST(RunConfig, an_upstream_proxy_that_cannot_be_used_is_refused) {
  Options options = with_command();
  EXPECT_THAT(refusal_of(options, variables({{"https_proxy", "http://a:secret@p.example"},
                                             {"http_proxy", "http://q.example"}})),
              testing::AllOf(HasSubstr("--upstream-proxy"), testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(refusal_of(options, variables({{"https_proxy", "socks5://p.example"}})),
              HasSubstr("https_proxy"));
  options.upstream_proxy = "http://a:secret@p.example";
  EXPECT_THAT(refusal_of(options),
              testing::AllOf(HasSubstr("variable https_proxy"), testing::Not(HasSubstr("secret"))));
  options.upstream_proxy = "http://p.example";
  options.dns_over_https = "https://d.example/";
  EXPECT_THAT(refusal_of(options), HasSubstr("exclude each other"));
}

TEST(RunConfig, HTTP_14_bad_domains_are_refused_with_their_origin) {
  for (const auto* bad : {"", "*", "com", "a..b", "http://", "a\nb.com", "x y.com"}) {
    Options options = with_command();
    options.allow_domains = {bad};
    EXPECT_THAT(refusal_of(options), HasSubstr("--allow-domains")) << bad;
  }
}

TEST(RunConfig, NET_37_TLS_08_limits_that_cannot_be_meant_are_refused_by_their_option) {
  Options options = with_command();
  options.max_tx = {"github.com=10M", "=x.org=1"};
  options.max_tx_total = "1G";
  options.min_tls = "1.2";
  EXPECT_EQ(configure(options, no_variable).limits.max_tx_total, std::uint64_t{1} << 30U);
  for (const auto* bad : {"github.com", "github.com=", "github.com=ten", "a b=1", "x.org:80=1"}) {
    options.max_tx = {bad};
    EXPECT_THAT(refusal_of(options), HasSubstr("--max-tx \"")) << bad;
  }
  options.max_tx.clear();
  options.max_tx_total = "-1";
  EXPECT_THAT(refusal_of(options), HasSubstr("--max-tx-total \"-1\""));
  options.max_tx_total.reset();
  options.min_tls = "1.1";
  EXPECT_THAT(refusal_of(options), HasSubstr("--min-tls \"1.1\""));
}

TEST(RunConfig, a_domain_file_that_cannot_be_read_is_named) {
  Options options = with_command();
  options.allow_domains_files = {"/nonexistent/domains.txt"};
  EXPECT_THAT(refusal_of(options), HasSubstr("/nonexistent/domains.txt"));
}

TEST(RunConfig, a_malformed_variable_is_refused_without_repeating_its_value) {
  for (const auto* bad : {"NOVALUE", "=x", "1A=x", "A B=x", "A-B=x"}) {
    Options options = with_command();
    options.environment = {bad};
    EXPECT_THAT(refusal_of(options), HasSubstr("NAME=VALUE")) << bad;
  }
  Options options = with_command();
  options.environment = {"A-B=hunter2hunter2"};
  EXPECT_THAT(refusal_of(options), testing::Not(HasSubstr("hunter2")));
}

TEST(RunConfig, a_mount_names_an_existing_place_and_a_mode) {
  Options options = with_command();
  options.mounts = {"/usr:/data:ro", "/usr:/more"};
  EXPECT_THAT(configure(options, no_variable).mounts,
              ElementsAre("/usr:/data:ro", "/usr:/more:rw"));
  for (const auto* bad : {"/usr", "usr:/data", "/usr:data", "/usr:/data:rx", "/nonexistent:/data",
                          "/usr:/a:ro:x", "$NOPE:/data"}) {
    options.mounts = {bad};
    EXPECT_THAT(refusal_of(options), HasSubstr("--mount")) << bad;
  }
}

TEST(RunConfig, a_mount_expands_variables_of_the_caller) {
  Options options = with_command();
  options.mounts = {"${WHERE}/bin:/$NAME:ro"};
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "WHERE") return "/usr";
    if (name == "NAME") return "tools";
    return std::nullopt;
  };
  EXPECT_THAT(configure(options, variable).mounts, ElementsAre("/usr/bin:/tools:ro"));
}

TEST(RunConfig, an_empty_policy_is_accepted_and_allows_nothing) {
  const auto config = configure(with_command(), no_variable);
  EXPECT_TRUE(config.policy.empty());
}

TEST(Identity, PROC_04_groups_that_are_as_good_as_root_are_known) {
  for (const auto* name : {"docker", "sudo", "adm", "lxd", "disk", "shadow", "wheel"}) {
    EXPECT_TRUE(is_power_group(name)) << name;
  }
  EXPECT_FALSE(is_power_group("users"));
}

}  // namespace
}  // namespace awf::supervisor
