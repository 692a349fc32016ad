#include "awf/host_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "awf/command_environment.hpp"
#include "awf/plan.hpp"
#include "awf/run_config.hpp"
#include "common/check.hpp"

namespace awf::supervisor {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Options with(const std::vector<std::string>& host_ports,
             const std::vector<std::string>& service_ports = {},
             const std::vector<std::string>& allow = {}) {
  Options options;
  options.command = {"true"};
  options.enable_host_access = !host_ports.empty();
  options.allow_host_ports = host_ports;
  options.allow_host_service_ports = service_ports;
  options.allow_domains = allow;
  return options;
}

RunConfig configured(const Options& options) {
  return configure(options, [](const std::string&) { return std::nullopt; });
}

std::string refusal_of(const Options& options) {
  try {
    (void)configured(options);
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
  return "accepted";
}

std::vector<std::string> open_ports(const RunConfig& config) {
  std::vector<std::string> texts;
  for (const auto& ports : config.host_access.ports)
    texts.push_back(ports.range.text());
  return texts;
}

TEST(HostAccessOptions, ports_and_ranges_are_opened_as_they_are_named) {
  const auto config = configured(with({"3000", "8000-8010"}, {"5432"}));
  EXPECT_TRUE(config.host_access.enabled);
  EXPECT_THAT(open_ports(config), ElementsAre("3000", "8000-8010", "5432"));
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(HostAccessOptions, ports_need_host_access_and_services_switch_it_on) {
  Options options = with({"3000"});
  options.enable_host_access = false;
  EXPECT_THAT(refusal_of(options), HasSubstr("--allow-host-ports needs --enable-host-access"));
  EXPECT_TRUE(configured(with({}, {"22"})).host_access.enabled);
  EXPECT_FALSE(configured(with({})).host_access.enabled);
}

TEST(HostAccessOptions, dangerous_ports_are_refused_alone_and_inside_a_range) {
  EXPECT_THAT(refusal_of(with({"5432"})),
              AllOf(HasSubstr("5432"), HasSubstr("--allow-host-service-ports 5432")));
  EXPECT_THAT(refusal_of(with({"3000-4000"})), HasSubstr("port 3306"));
  EXPECT_THAT(refusal_of(with({"1-65535"})), HasSubstr("port 22"));
}

TEST(HostAccessOptions, what_is_no_port_is_refused_by_its_option) {
  for (const auto* bad : {"0", "65536", "http", "10-5", "80/tcp"}) {
    EXPECT_THAT(refusal_of(with({bad})), AllOf(HasSubstr("--allow-host-ports"), HasSubstr(bad)));
    EXPECT_THAT(refusal_of(with({}, {bad})), HasSubstr("--allow-host-service-ports"));
  }
  EXPECT_THAT(refusal_of(with({}, {"5432-5433"})), HasSubstr("name each service's port"));
}

TEST(HostAccessOptions, the_keyword_localhost_is_the_host_with_the_ports_of_development_servers) {
  for (const auto* keyword : {"localhost", "http://localhost", "https://localhost/", "LOCALHOST"}) {
    const auto config = configured(with({}, {}, {keyword}));
    EXPECT_TRUE(config.host_access.enabled) << keyword;
    EXPECT_THAT(open_ports(config), AllOf(Contains("3000"), Contains("9090"), Not(Contains("22"))));
    EXPECT_THAT(config.allow.front().text, HasSubstr("host.docker.internal"));
    EXPECT_THAT(config.warnings, Contains(HasSubstr("opens ports of this machine")));
  }
  EXPECT_THAT(open_ports(configured(with({"7000"}, {}, {"localhost"}))),
              ElementsAre("7000", "80", "443"));
  EXPECT_THAT(refusal_of(with({}, {}, {"localhost:3000"})),
              HasSubstr("--enable-host-access --allow-host-ports 3000"));
}

TEST(HostAccessOptions, an_entry_for_the_host_opens_the_ports_of_the_web_as_in_the_reference) {
  EXPECT_THAT(open_ports(configured(with({"3000"}, {}, {"host.docker.internal"}))),
              ElementsAre("3000", "80", "443"));
  EXPECT_THAT(open_ports(configured(with({"3000"}, {}, {"http://host.docker.internal"}))),
              ElementsAre("3000", "80"));
  EXPECT_THAT(refusal_of(with({"3000"}, {}, {"host.docker.internal:8080"})),
              HasSubstr("--allow-host-ports 8080"));
  // Without access it is a name like any other, and says so.
  const auto config = configured(with({}, {}, {"host.docker.internal"}));
  EXPECT_FALSE(config.host_access.enabled);
  EXPECT_THAT(config.warnings, Contains(HasSubstr("without --enable-host-access")));
}

TEST(HostAccessOptions, access_without_a_port_opens_nothing_and_says_so) {
  Options options = with({});
  options.enable_host_access = true;
  const auto config = configured(options);
  EXPECT_THAT(open_ports(config), IsEmpty());
  EXPECT_THAT(config.warnings, Contains(HasSubstr("opens nothing")));
}

TEST(HostAccessOptions, reach_the_programs_of_the_run) {
  const auto config = configured(with({"3000-3001"}, {}, {"example.com"}));
  const auto plan = make_plan(config, "/b", 1);
  EXPECT_EQ(nlohmann::json::parse(plan.policy_json)["hostPorts"],
            nlohmann::json::parse(R"([{"ports":"3000-3001","option":"--allow-host-ports"}])"));
  EXPECT_THAT(plan.print_ruleset, Contains("172.30.0.1"));
  EXPECT_THAT(environment_records(config, {}),
              HasSubstr("NO_PROXY=localhost,127.0.0.1,::1,host.docker.internal,172.30.0.1"));
  const auto without = configured(with({}, {}, {"example.com"}));
  EXPECT_FALSE(
      nlohmann::json::parse(make_plan(without, "/b", 1).policy_json).contains("hostPorts"));
  EXPECT_THAT(make_plan(without, "/b", 1).chain, Not(Contains("172.30.0.1")));
  EXPECT_THAT(environment_records(without, {}), Not(HasSubstr("docker")));
}

TEST(HostAccessOptions, the_self_test_never_knocks_at_the_host) {
  EXPECT_EQ(self_test_name(configured(with({"3000"}, {}, {"host.docker.internal"}))), "");
}

}  // namespace
}  // namespace awf::supervisor
