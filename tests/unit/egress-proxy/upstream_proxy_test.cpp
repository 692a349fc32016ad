#include "egress-proxy/upstream_proxy.hpp"

#include <gtest/gtest.h>

namespace awf::egress {
namespace {

using policy::HostName;
using policy::IpAddress;

HostName name(std::string_view text) {
  return HostName::parse(text).or_refuse();
}

UpstreamProxy proxy(std::string_view url = "http://proxy.example") {
  return {net::parse_proxy_url(url).or_refuse(), {name("corp.net")}};
}

TEST(UpstreamProxy, serves_all_but_the_direct_domains) {
  EXPECT_TRUE(proxy().serves({name("example.org"), 443}));
  EXPECT_TRUE(proxy().serves({IpAddress::v4({8, 8, 8, 8}), 443}));
  EXPECT_FALSE(proxy().serves({name("corp.net"), 443}));
  EXPECT_FALSE(proxy().serves({name("a.b.corp.net"), 443}));
  EXPECT_TRUE(proxy().serves({name("evilcorp.net"), 443}));
}

TEST(UpstreamProxy, DNS_12_names_of_no_public_place_are_refused) {
  for (const char* bad : {"localhost", "x.localhost", "intranet", "printer.local", "router.lan",
                          "metadata.google.internal", "instance-data.ec2.internal", "a.home.arpa",
                          "wiki.corp", "x.onion", "host.test"}) {
    EXPECT_TRUE(UpstreamProxy::refusal(name(bad))) << bad;
  }
  for (const char* good : {"example.org", "local.example.org", "internal.com", "corp.net",
                           "xlocal.net", "arpa.example.org"}) {
    EXPECT_FALSE(UpstreamProxy::refusal(name(good))) << good;
  }
}

TEST(UpstreamProxy, asks_for_a_tunnel_by_name_and_with_its_credentials) {
  EXPECT_EQ(proxy().connect_request({name("example.org"), 443}),
            "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n");
  EXPECT_EQ(proxy("http://Aladdin:open%20sesame@proxy.example")
                .connect_request({IpAddress::parse("2606:4700::1").or_refuse(), 22}),
            "CONNECT [2606:4700::1]:22 HTTP/1.1\r\nHost: [2606:4700::1]:22\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
  EXPECT_NE(proxy("http://a:@p.example").connect_request({name("b.org"), 1}).find("Basic YTo=\r\n"),
            std::string::npos);
  EXPECT_NE(
      proxy("http://a:b@p.example").connect_request({name("b.org"), 1}).find("Basic YTpi\r\n"),
      std::string::npos);
}

TEST(UpstreamProxy, plain_http_is_asked_in_absolute_form) {
  EXPECT_EQ(proxy().relayed_request({name("example.org"), 80},
                                    "GET /a?b HTTP/1.1\r\nHost: example.org\r\n\r\n"),
            "GET http://example.org/a?b HTTP/1.1\r\nHost: example.org\r\n\r\n");
  EXPECT_EQ(proxy("http://a:b@p.example")
                .relayed_request({name("example.org"), 8080},
                                 "OPTIONS * HTTP/1.1\r\nHost: example.org:8080\r\n\r\n"),
            "OPTIONS http://example.org:8080 HTTP/1.1\r\nProxy-Authorization: Basic YTpi\r\n"
            "Host: example.org:8080\r\n\r\n");
}

}  // namespace
}  // namespace awf::egress
