#include "doh/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf::doh {
namespace {

Options parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "awf-doh");
  return parse_options(static_cast<int>(words.size()), words.data());
}

std::string refusal_of(const std::vector<const char*>& words) {
  try {
    (void)parsed(words);
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
  return "accepted";
}

TEST(DohOptions, name_a_channel_a_server_and_perhaps_an_identity) {
  const auto options =
      parsed({"--control-fd", "0", "--url", "https://dns.example/q", "--dns-server", "9.9.9.9:53",
              "--dns-server", "[fe80::1%lo]:53", "--uid", "7", "--gid", "8"});
  EXPECT_EQ(options.url->authority(), "dns.example:443");
  ASSERT_EQ(options.dns_servers.size(), 2U);
  EXPECT_EQ(options.dns_servers[1].zone, "lo");
  EXPECT_EQ(options.uid, 7U);
}

TEST(DohOptions, that_are_wrong_are_refused) {
  EXPECT_THAT(refusal_of({"--url", "https://dns.example/q"}), testing::HasSubstr("--control-fd"));
  EXPECT_THAT(refusal_of({"--control-fd", "0"}), testing::HasSubstr("--url"));
  EXPECT_THAT(refusal_of({"--control-fd", "0", "--url", "http://dns.example/q"}),
              testing::HasSubstr("https://"));
  EXPECT_THAT(refusal_of({"--control-fd", "0", "--url", "https://d.example/", "--uid", "7"}),
              testing::HasSubstr("belong together"));
}

TEST(DohOptions, the_readme_documents_every_option_and_no_other) {
  const std::string readme = read_file(AWF_SOURCE_DIR "/helpers/doh/README.md", 1 << 20);
  const auto options_in = [](const std::string& text) {
    std::set<std::string> found;
    const std::regex option("--[a-z][a-z-]+");
    for (std::sregex_iterator i(text.begin(), text.end(), option), end; i != end; ++i) {
      found.insert(i->str());
    }
    return found;
  };
  const auto table = readme.substr(readme.find("| option"));
  EXPECT_EQ(options_in(help_text()), options_in(table.substr(0, table.find("\n\n"))));
}

}  // namespace
}  // namespace awf::doh
