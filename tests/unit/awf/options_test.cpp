#include "awf/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::supervisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Options parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "awf");
  return parse_options(static_cast<int>(words.size()), words.data());
}

std::string refusal_of(std::vector<const char*> words) {
  try {
    (void)parsed(std::move(words));
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
  return "accepted";
}

TEST(AwfOptions, the_words_after_the_double_dash_are_the_commands_alone) {
  const auto options = parsed({"--allow-domains", "a.com", "--", "curl", "--tty", "--", "x"});
  EXPECT_THAT(options.command, ElementsAre("curl", "--tty", "--", "x"));
  EXPECT_FALSE(options.tty);
}

TEST(AwfOptions, plan_is_an_action_and_run_the_default) {
  EXPECT_EQ(parsed({"plan", "--", "true"}).action, Action::kPlan);
  EXPECT_EQ(parsed({"run", "--", "true"}).action, Action::kRun);
  EXPECT_EQ(parsed({"--", "true"}).action, Action::kRun);
}

TEST(AwfOptions, S8_G8_each_mistake_of_a_command_line_is_refused_in_one_line_that_helps) {
  EXPECT_THAT(refusal_of({}), HasSubstr("no command"));
  EXPECT_THAT(refusal_of({"--"}), HasSubstr("no command"));
  EXPECT_THAT(refusal_of({"--", ""}), HasSubstr("no command"));
  EXPECT_THAT(refusal_of({"curl", "x"}), HasSubstr("stray word \"curl\""));
  EXPECT_THAT(refusal_of({"--tty", "curl", "--", "true"}), HasSubstr("stray word \"curl\""));
  EXPECT_THAT(refusal_of({"--allow-domain", "a.com", "--", "true"}),
              HasSubstr("did you mean --allow-domains?"));
  EXPECT_THAT(refusal_of({"--dns-servers", "", "--", "true"}), HasSubstr("empty entry"));
  EXPECT_THAT(refusal_of({"--dns-servers", "1.1.1.1,,2.2.2.2", "--", "true"}),
              HasSubstr("empty entry"));
  EXPECT_THAT(refusal_of({"--log-level", "loud", "--", "true"}), HasSubstr("\"loud\""));
  EXPECT_THAT(refusal_of({"--container-workdir", "", "--", "true"}), HasSubstr("is empty"));
  EXPECT_THAT(refusal_of({"--allow-domains"}), testing::Not(HasSubstr("accepted")));
}

TEST(AwfOptions, a_time_limit_is_minutes_unless_it_says_its_unit) {
  using std::chrono::seconds;
  EXPECT_EQ(parsed({"--agent-timeout", "15", "--", "true"}).time_limit, seconds(900));
  EXPECT_EQ(parsed({"--agent-timeout", "15m", "--", "true"}).time_limit, seconds(900));
  EXPECT_EQ(parsed({"--agent-timeout", "90s", "--", "true"}).time_limit, seconds(90));
  EXPECT_EQ(parsed({"--agent-timeout", "2h", "--", "true"}).time_limit, seconds(7200));
  for (const auto* bad : {"0", "-1", "1.5", "s", "1d", "9999999999h", "18446744073709551615"}) {
    EXPECT_THAT(refusal_of({"--agent-timeout", bad, "--", "true"}), HasSubstr("--agent-timeout"))
        << bad;
  }
}

TEST(AwfOptions, S2_09_dns_servers_of_both_families_are_a_list) {
  const auto options = parsed({"--dns-servers", "9.9.9.9, 2620:fe::fe,fe80::1%lo", "--", "true"});
  EXPECT_THAT(options.dns_servers, ElementsAre("9.9.9.9", "2620:fe::fe", "fe80::1%lo"));
}

TEST(AwfOptions, NET_37_TLS_08_limits_are_words_here) {
  const auto options = parsed({"--max-tx", "github.com=10M", "--max-tx", "=x.org=1",
                               "--max-tx-total", "1G", "--min-tls", "1.3", "--", "true"});
  EXPECT_THAT(options.max_tx, ElementsAre("github.com=10M", "=x.org=1"));
  EXPECT_EQ(options.max_tx_total, "1G");
  EXPECT_EQ(options.min_tls, "1.3");
}

TEST(AwfOptions, S4_E4_what_is_hidden_shown_and_kept_are_words_here) {
  const auto options = parsed({"--hide", "/a", "--show", "/b", "--show", "/c", "--keep-home", ".x",
                               "--home-size", "1G", "--home", "rw", "--", "true"});
  EXPECT_THAT(options.hidden_paths, ElementsAre("/a"));
  EXPECT_THAT(options.shown_paths, ElementsAre("/b", "/c"));
  EXPECT_THAT(options.kept_paths, ElementsAre(".x"));
  EXPECT_EQ(options.home_size, "1G");
  EXPECT_EQ(options.home_mode, "rw");
}

TEST(AwfOptions, dns_over_https_stands_alone_or_with_its_url_in_either_form) {
  EXPECT_EQ(parsed({"--", "true"}).dns_over_https, std::nullopt);
  EXPECT_EQ(parsed({"--dns-over-https", "--", "true"}).dns_over_https,
            "https://dns.google/dns-query");
  EXPECT_EQ(parsed({"--dns-over-https", "--tty", "--", "true"}).dns_over_https,
            "https://dns.google/dns-query");
  EXPECT_EQ(parsed({"--dns-over-https", "https://d.example/q", "--", "true"}).dns_over_https,
            "https://d.example/q");
  EXPECT_EQ(parsed({"--dns-over-https=https://d.example/q", "--", "true"}).dns_over_https,
            "https://d.example/q");
}

TEST(AwfOptions, the_readme_documents_every_option_and_no_other) {
  const std::string readme = read_file(AWF_SOURCE_DIR "/helpers/awf/README.md", 1 << 20);
  const auto options_in = [](const std::string& text) {
    std::set<std::string> found;
    const std::regex option("--[a-z][a-z-]+");
    for (std::sregex_iterator i(text.begin(), text.end(), option), end; i != end; ++i) {
      found.insert(i->str());
    }
    return found;
  };
  const auto table = readme.substr(readme.find("| Option"));
  EXPECT_EQ(options_in(help_text()), options_in(table.substr(0, table.find("\n\n"))));
}

}  // namespace
}  // namespace awf::supervisor
