#include "net/service_url.hpp"

#include <gtest/gtest.h>

namespace awf::net {
namespace {

TEST(ServiceUrl, a_doh_url_has_a_host_a_port_and_a_path) {
  const auto url = parse_doh_url("HTTPS://DNS.Example:8443/dns-query?x=1").or_refuse();
  EXPECT_EQ(url.host_text(), "dns.example");
  EXPECT_EQ(url.authority(), "dns.example:8443");
  EXPECT_EQ(url.path, "/dns-query?x=1");
  EXPECT_EQ(parse_doh_url("https://dns.example").or_refuse().authority(), "dns.example:443");
  EXPECT_EQ(parse_doh_url("https://dns.example").or_refuse().path, "/");
  EXPECT_EQ(parse_doh_url("https://9.9.9.9/q").or_refuse().authority(), "9.9.9.9:443");
  EXPECT_EQ(parse_doh_url("https://[2620:FE::fe]/q").or_refuse().authority(), "[2620:fe::fe]:443");
}

TEST(ServiceUrl, a_proxy_url_has_credentials_perhaps_and_no_path) {
  const auto url = parse_proxy_url("http://me:p%40ss:word@proxy.example/").or_refuse();
  EXPECT_EQ(url.authority(), "proxy.example:3128");
  EXPECT_EQ(url.credentials, "me:p%40ss:word");
  EXPECT_EQ(decoded_credentials(url.credentials), "me:p@ss:word");
  EXPECT_EQ(parse_proxy_url("http://10.0.0.1:8080").or_refuse().authority(), "10.0.0.1:8080");
}

TEST(ServiceUrl, what_another_parser_may_read_in_another_way_is_refused) {
  for (const char* bad : {"",
                          "https://",
                          "http://dns.example/",
                          "https:/dns.example",
                          "dns.example",
                          "https://a@dns.example/",
                          "https://dns.example#x",
                          "https://dns.example\\@evil.net/",
                          "https://dns.example/q{?dns}",
                          "https://dns.example:0/",
                          "https://dns.example:65536/",
                          "https://dns.example:/",
                          "https://127.1/",
                          "https://0x7f.1/",
                          "https://[::1",
                          "https://::1/",
                          "https://[9.9.9.9]/",
                          "https://dns example/",
                          "https://dns.example/\n",
                          "https://-a.b/"}) {
    EXPECT_FALSE(parse_doh_url(bad)) << bad;
  }
  for (const char* bad :
       {"https://proxy.example", "http://proxy.example/x", "http://me@proxy.example",
        "http://me:%zz@proxy.example", "http://me:%0d%0a@proxy.example",
        "http://me:%4@proxy.example", "socks5://proxy.example"}) {
    EXPECT_FALSE(parse_proxy_url(bad)) << bad;
  }
}

TEST(ServiceUrl, TOK_an_error_repeats_no_part_of_the_url) {
  for (const char* bad : {"http://me:hunter2@proxy example", "http://me:hunter2@proxy.example/x",
                          "https://me:hunter2@proxy.example", "http://me:hunter2%zz@p.example"}) {
    const auto url = parse_proxy_url(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().find("hunter2"), std::string::npos) << url.error();
  }
}

}  // namespace
}  // namespace awf::net
