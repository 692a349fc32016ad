// The grammar of entries: what is taken, what is refused, and whether the refusal helps.
#include "policy/policy_entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/egress_policy.hpp"

namespace awf::policy {
namespace {

using namespace std::string_literals;  // NUL inside a literal

std::string refusal(const std::string& entry) {
  const auto policy = EgressPolicy::build({{entry, "domains.txt:12"}}, {});
  return policy ? "accepted" : policy.error();
}

bool blockable(const std::string& entry) {
  return EgressPolicy::build({}, {{entry, "--block-domains"}}).ok();
}

struct Refused {
  std::string entry;
  std::string because;
  std::string nearest;  // what the reason proposes, if anything
};

void expect_refused(const std::vector<Refused>& cases) {
  for (const auto& [entry, because, nearest] : cases) {
    const std::string reason = refusal(entry);
    EXPECT_EQ(reason.rfind("domains.txt:12: entry \"", 0), 0U) << reason;
    EXPECT_NE(reason.find(because), std::string::npos) << entry << ": " << reason;
    EXPECT_NE(reason.find(nearest), std::string::npos) << entry << ": " << reason;
    EXPECT_EQ(reason.find('\n'), std::string::npos) << reason;
  }
}

TEST(PolicyEntry, HTTP_14_good_entries_of_every_form_are_taken) {
  for (const char* entry : {"github.com",
                            "GitHub.COM",
                            "github.com.",
                            "github.com/",
                            "  github.com  ",
                            "=github.com",
                            "*.github.com",
                            "api-*.example.com",
                            "http://example.com",
                            "HTTPS://example.com/",
                            "https://*.example.com",
                            "=https://example.com",
                            "example.com:22",
                            "*.example.com:8443",
                            "https://example.com:8443",
                            "bücher.ch",
                            "*.bücher.ch",
                            "xn--bcher-kva.ch",
                            "1.2.3.4",
                            "1.2.3.4:53",
                            "http://1.2.3.4",
                            "10.0.0.0/8",
                            "2606:4700::1111",
                            "[2606:4700::1111]",
                            "[2606:4700::1111]:443",
                            "2606:4700::/32",
                            "::ffff:1.2.3.4",
                            "name.github.io",
                            "=github.io",
                            "a_b.example.com",
                            "allowed.test",
                            "host.internal"}) {
    EXPECT_EQ(refusal(entry), "accepted") << entry;
  }
}

TEST(PolicyEntry, HTTP_14_entries_with_foreign_bytes_are_refused) {
  expect_refused({{"", "is empty", "write a host name"},
                  {"   ", "is empty", ""},
                  {"a.com b.com", "white space", "comma"},
                  {"a.com\tb.com", "white space", ""},
                  {"a.com\r\nb.com", "\\x0d", ""},
                  {"a\0.com"s, "\\x00", ""},
                  {"a\x1b[31m.com", "\\x1b", ""},
                  {"\"a.com\"", "\\\"", ""},
                  {"'a.com'", "'", ""},
                  {"`id`.com", "`", ""},
                  {"a.com;b", ";", ""},
                  {"a.com#note", "#", ""},
                  {"a\\.com", "\\\\", ""},
                  {std::string(2000, 'a'), "longer", ""}});
}

TEST(PolicyEntry, HTTP_14_prefixes_paths_and_user_information_are_refused) {
  expect_refused({{"http://", "nothing but a prefix", ""},
                  {"https:///", "nothing but a prefix", ""},
                  {"=", "nothing but a prefix", ""},
                  {"ssh://a.com", "ssh://", "HOST:PORT"},
                  {"https://http://a.com", "path", "write http"},
                  {"https://github.com/foo", "interception", "write github.com"},
                  {"github.com/org/*", "interception", "write github.com"},
                  {"github.com//", "interception", "write github.com"},
                  {"a.com?x=1", "query", "write a.com"},
                  {"a.com%2f", "%", ""},
                  {"user@a.com", "user information", "write a.com"},
                  {"http://allowed.com@evil.com/", "user information", "write evil.com"}});
}

TEST(PolicyEntry, only_ports_from_1_to_65535_in_plain_decimal_are_taken) {
  expect_refused({{"a.com:0", "between 1 and 65535", ""},
                  {"a.com:65536", "between 1 and 65535", ""},
                  {"a.com:4294967739", "between 1 and 65535", ""},
                  {"a.com:99999999999999999999", "between 1 and 65535", ""},
                  {"a.com:-1", "between 1 and 65535", ""},
                  {"a.com:+80", "between 1 and 65535", ""},
                  {"a.com:http", "between 1 and 65535", ""},
                  {"a.com:", "no port after ':'", "a.com:443"},
                  {"443:", "no port after ':'", ""},
                  {"a.com:0443", "starts with 0", "a.com:443"},
                  {"a.com:443:", "more than one ':'", "HOST:PORT"},
                  {"a.com:1-65535", "between 1 and 65535", ""},
                  {":443", "no host", "HOST:PORT"},
                  {"10.0.0.0/8:443", "port after a block", "ADDRESS:PORT"}});
}

TEST(PolicyEntry, HTTP_14_dots_and_stars_that_mean_everything_or_nothing_are_refused) {
  expect_refused({{"*", "covers every host", "*.example.com"},
                  {"**", "covers every host", ""},
                  {"*.*", "covers every host", ""},
                  {"*.", "covers every host", ""},
                  {"https://*", "covers every host", ""},
                  {"*:443", "covers every host", ""},
                  {".", "is empty", ""},
                  {"..", "'..'", ""},
                  {"a..com", "'..'", ""},
                  {".allowed.com", "starts with '.'", "*.allowed.com"},
                  {"=*.a.com", "exactly one host", ""}});
}

TEST(PolicyEntry, HTTP_14_public_suffixes_are_refused) {
  expect_refused({{"com", "public suffix", "example.com"},
                  {"co.uk", "public suffix", "NAME.co.uk"},
                  {"CO.UK.", "public suffix", "NAME.co.uk"},
                  {"github.io", "public suffix", "=github.io"},
                  {"https://github.io", "public suffix", "=github.io"},
                  {"github.io:443", "public suffix", ""},
                  {"xn--55qx5d.cn", "public suffix", ""},
                  {"公司.cn", "public suffix", ""},
                  {"=com", "public suffix", ""}});
}

TEST(PolicyEntry, HTTP_14_wildcards_over_names_that_anybody_may_register_are_refused) {
  expect_refused({{"*.com", "may register under com", "*.NAME.com"},
                  {"**.com", "may register", ""},
                  {"*.co.uk", "may register", "*.NAME.co.uk"},
                  {"*.github.io", "may register", "*.NAME.github.io"},
                  {"https://*.github.io", "may register", ""},
                  {"*.github.io:443", "may register", ""},
                  {"*.*.com", "may register", ""},
                  {"github.*.com", "may register", ""},
                  {"*github.com", "may register under com", ""},
                  {"*-github.com", "may register under com", ""},
                  {"*com", "last label", "*.example.com"},
                  {"a*", "last label", ""},
                  {"github.*", "last label", ""},
                  {"github.c*m", "last label", ""}});
}

TEST(PolicyEntry, HTTP_15_hosting_where_anybody_gets_a_name_is_refused_as_a_whole) {
  expect_refused({{"*.blob.core.windows.net", "may register", "NAME.blob.core.windows.net"},
                  {"blob.core.windows.net", "public suffix", "NAME.blob.core.windows.net"},
                  {"productionresultssa*.blob.core.windows.net", "may register", ""},
                  {"*.s3.amazonaws.com", "may register", ""},
                  {"*.s3.us-east-1.amazonaws.com", "may register", ""},
                  {"*.web.app", "may register", ""},
                  {"*.vercel.app", "may register", ""},
                  {"*.ngrok.app", "may register", ""},
                  {"*.ngrok-free.app", "may register", ""}});
  EXPECT_EQ(refusal("productionresultssa0.blob.core.windows.net"), "accepted");
  EXPECT_EQ(refusal("github-cloud.s3.amazonaws.com"), "accepted");
}

std::vector<std::string> warnings(const std::string& entry) {
  return EgressPolicy::build({{entry, "here"}}, {}).or_refuse().warnings();
}

TEST(PolicyEntry, HTTP_15_entries_that_are_wider_than_they_look_are_warned_about) {
  for (const char* entry :
       {"gist.github.com", "raw.githubusercontent.com", "*.githubusercontent.com", "windows.net",
        "*.googleapis.com", "169.254.169.254", "169.254.0.0/16", "fd00::/8", "128.0.0.0/1"}) {
    const auto lines = warnings(entry);
    ASSERT_EQ(lines.size(), 1U) << entry;
    EXPECT_EQ(lines[0].rfind("here: entry ", 0), 0U) << lines[0];
  }
  for (const char* entry : {"github.com", "=windows.net", "api.openai.com", "10.0.0.0/8"}) {
    EXPECT_TRUE(warnings(entry).empty()) << entry;
  }
}

TEST(PolicyEntry, DNS_07_resolvers_over_https_are_warned_about_by_name_and_by_address) {
  for (const char* entry :
       {"dns.google", "https://cloudflare-dns.com", "=dns.quad9.net", "security.cloudflare-dns.com",
        "*.quad9.net", "quad9.net", "nextdns.io", "1.1.1.1", "8.8.8.0/24", "2620:fe::fe"}) {
    EXPECT_THAT(warnings(entry),
                testing::ElementsAre(testing::HasSubstr("resolves names over HTTPS")))
        << entry;
  }
}

TEST(PolicyEntry, single_labels_and_localhost_are_refused) {
  expect_refused({{"localhost", "no public meaning", ""},
                  {"localhost.", "no public meaning", ""},
                  {"http://localhost", "no public meaning", ""},
                  {"localhost:8080", "no public meaning", ""},
                  {"=localhost", "no public meaning", ""},
                  {"foo.localhost", "no public meaning", ""},
                  {"intranet", "single label", "intranet.example.com"}});
}

TEST(PolicyEntry, addresses_in_other_spellings_and_blocks_without_end_are_refused) {
  expect_refused({{"127.1", "number", "write 127.0.0.1"},
                  {"0x7f000001", "number", "write 127.0.0.1"},
                  {"0177.0.0.1", "number", "write 127.0.0.1"},
                  {"2130706433", "number", "write 127.0.0.1"},
                  {"1.2.3.999", "number", ""},
                  {"10.0.0.1/8", "after its prefix", "10.0.0.0/8"},
                  {"10.0.0.0/33", "prefix length", ""},
                  {"0.0.0.0/0", "every address", ""},
                  {"::/0", "every address", ""},
                  {"::ffff:0:0/96", "every address", ""},
                  {"fe80::1%eth0", "no IPv6 address", "[ADDRESS]:PORT"},
                  {"[::1", "without ']'", "[ADDRESS]:PORT"},
                  {"[::1]443", "after ']'", "[ADDRESS]:PORT"},
                  {"[1.2.3.4]:80", "no IPv6 address", ""},
                  {"[github.com]", "no IPv6 address", ""}});
}

TEST(PolicyEntry, names_that_are_no_host_names_are_refused) {
  expect_refused({{"-a.com", "'-'", ""},
                  {"xn--a.com", "internationalised", ""},
                  {std::string(64, 'a') + ".com", "63", ""},
                  {"\xff.com", "internationalised", ""}});
}

TEST(PolicyEntry, a_block_list_may_name_what_an_allow_list_may_not) {
  for (const char* entry : {"com", "co.uk", "*.com", "*.github.io", "localhost", "intranet", "ads*",
                            "*com", "0.0.0.0/0", "::/0", "evil.com:25", "http://evil.com"}) {
    EXPECT_TRUE(blockable(entry)) << entry;
  }
  for (const char* entry : {"", "a b", "*", "evil.com/path", "evil.com:0", "127.1"}) {
    EXPECT_FALSE(blockable(entry)) << entry;
  }
}

TEST(PolicyEntry, the_first_bad_entry_of_a_list_is_the_one_that_is_named) {
  const auto policy = EgressPolicy::build({{"a.com", "f:1"}, {"com", "f:2"}, {"net", "f:3"}},
                                          {{"b b", "--block-domains"}});
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().rfind("f:2: entry \"com\": ", 0), 0U) << policy.error();
}

}  // namespace
}  // namespace awf::policy
