// How a denial looks to the client and in the log, at each door.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/audit.hpp"
#include "support/awf_run.hpp"

namespace awf::integration {
namespace {

using test_world::audit_records_of;
using test_world::Door;
using testing::AllOf;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;
using testing::IsEmpty;

class Denial : public test_world::AwfRun {
 protected:
  // The proxy is asked for the denied name; an intercepted connection is to an allowed name, and
  // its reason says what was asked of it instead.
  bool denial_is_logged() {
    const auto records = test_world::audit_records(world);
    return std::any_of(records.begin(), records.end(), [](const auto& record) {
      return record["verdict"] == "deny" &&
             record["reason"].template get<std::string>().find("denied.org") != std::string::npos;
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Denial, test_world::all_modes(), test_world::mode_name);

const char* const kStatus = "-w '\\n%{http_code} %{http_connect}\\n'";

// With the name of an allowed domain's address the intercepted client asks for another host: what a
// confused or hostile client does, since the denied name itself has no address inside.
std::string curl_of_denied(const std::string& scheme) {
  const std::string port = scheme == "http" ? "80" : "443";
  return "a=$(getent ahosts github.com | head -n 1 | cut -d ' ' -f 1); curl -sS --resolve "
         "denied.org:" +
         port + ":$a " + kStatus + " " + scheme + "://denied.org/";
}

TEST_P(Denial, S1_G7_blocked_plain_http_is_answered_by_a_short_body_that_names_the_rule) {
  const auto result = run("github.com", curl_of_denied("http"));
  if (GetParam().door == Door::kProxy) {
    EXPECT_THAT(result.output, AllOf(HasSubstr("\n403 "), HasSubstr("denied.org"))) << result;
  } else {
    EXPECT_THAT(result.output, AnyOf(HasSubstr("\n403 "), HasSubstr("\n421 "))) << result;
  }
  EXPECT_LT(result.output.size(), 1000U);
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
  EXPECT_TRUE(denial_is_logged());
}

TEST_P(Denial, S1_G7_blocked_tls_is_a_403_on_connect_or_a_clean_close) {
  const auto result = run("github.com", curl_of_denied("https"));
  EXPECT_LT(result.duration, std::chrono::seconds(3));
  if (GetParam().door == Door::kProxy) {
    EXPECT_EQ(result.exit_code, 56) << result;
    EXPECT_THAT(result.output, HasSubstr("\n000 403\n"));
  } else {
    EXPECT_THAT(result.exit_code, AnyOf(Eq(35), Eq(56))) << result;
  }
  EXPECT_THAT(world.packets_to_others(), IsEmpty());
  EXPECT_TRUE(denial_is_logged());
}

TEST_P(Denial, S1_G7_an_intercepted_lookup_of_a_denied_name_says_no_such_name) {
  const auto result = run("github.com", "getent ahosts attacker.net; echo $?");
  EXPECT_EQ(result.output, "2\n") << result;
  EXPECT_FALSE(audit_records_of(world, "attacker.net", "deny").empty());
  EXPECT_THAT(world.packets(), IsEmpty());
}

TEST_P(Denial, S1_G8_a_redirect_to_a_denied_domain_ends_at_the_second_hop) {
  for (const std::string scheme : {"http", "https"}) {
    const auto result = run(
        "github.com", "curl -fsSL " + scheme + "://github.com/redirect?to=https://attacker.net/");
    EXPECT_NE(result.exit_code, 0) << result;
    EXPECT_EQ(result.output, "");
  }
  const auto requests = world.web_requests();
  ASSERT_EQ(requests.size(), 2U);
  for (const auto& request : requests)
    EXPECT_EQ(request.status, 302);
  EXPECT_THAT(world.packets_to_others({"140.82.112.3", "2606:50c0:8000::153"}), IsEmpty());
}

TEST_P(Denial, S1_E2_very_long_names_are_refused_without_a_crash) {
  const std::string label(70, 'a');
  std::string name = "x";
  while (name.size() < 300)
    name += ".abcdefghi";
  const auto result =
      run("github.com", "curl -sS http://" + label + ".github.com/; echo $?; curl -sS http://" +
                            name + ".github.com/; echo $?; curl -fsS https://github.com");
  EXPECT_THAT(result.output, HasSubstr("hello from github.com")) << result;
  EXPECT_THAT(world.dns_queries(), testing::Each(testing::EndsWith(" github.com")));
  for (const auto& record : test_world::audit_records(world)) {
    EXPECT_LT(record["name"].get<std::string>().size(), 600U);
  }
}

TEST_P(Denial, S1_E3_an_address_is_denied_unless_it_is_listed) {
  const auto denied = run("github.com", "curl -sS -o /dev/null http://93.184.216.34/");
  EXPECT_EQ(GetParam().door == Door::kProxy ? 0 : 7, denied.exit_code) << denied;
  EXPECT_THAT(world.packets(), IsEmpty());
  const auto listed = run("93.184.216.34", "curl -fsS http://93.184.216.34/");
  EXPECT_EQ(listed.output, "hello from 93.184.216.34\n") << listed;
}

}  // namespace
}  // namespace awf::integration
