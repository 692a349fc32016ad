#include "egress-proxy/forward_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "egress-proxy/checks.hpp"

namespace awf::egress {
namespace {

using policy::HostName;
using policy::IpAddress;

Target target(const std::string& name, std::uint16_t port = 80) {
  return {HostName::parse(name).or_refuse(), port};
}

net::RequestHead head_of(const std::string& text) {
  auto head = net::read_request_head(text);
  EXPECT_TRUE(head.has_value());
  return std::move(*head).or_refuse();
}

std::string forwarded(const std::string& text, const Target& to = target("example.com")) {
  const auto head = head_of(text);
  return forward_head(head, origin_form_of(head, to).or_refuse(), to);
}

TEST(ForwardHead, names_the_target) {
  EXPECT_EQ(
      forwarded("GET /a?b=c HTTP/1.1\r\nhOST: Example.COM\r\nAccept: */*\r\n\r\n"),
      "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(
      forwarded("GET / HTTP/1.1\r\nHost: example.com:8080\r\n\r\n", target("example.com", 8080)),
      testing::HasSubstr("Host: example.com:8080\r\n"));
  EXPECT_THAT(forwarded("GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n",
                        {IpAddress::parse("2001:db8::1").or_refuse(), 80}),
              testing::HasSubstr("Host: [2001:db8::1]\r\n"));
}

TEST(ForwardHead, HTTP_07_drops_hop_by_hop_fields_and_those_that_Connection_names) {
  const std::string out = forwarded(
      "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, X-Trick\r\n"
      "Connection: authorization\r\nx-trick: 1\r\nAuthorization: Bearer x\r\nKeep-Alive: 5\r\n"
      "Proxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\n"
      "Trailer: a\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nX-Kept: yes\r\n\r\n");
  EXPECT_EQ(out,
            "GET / HTTP/1.1\r\nHost: example.com\r\nX-Kept: yes\r\n"
            "Connection: keep-alive\r\n\r\n");
}

std::string with_expectation(const std::string& fields, const std::string& version = "1.1") {
  return "POST / HTTP/" + version + "\r\nHost: example.com\r\n" + fields + "\r\n";
}

TEST(ForwardHead, HTTP_07_passes_Expect_on_in_one_spelling_and_only_where_it_means_something) {
  EXPECT_THAT(forwarded(with_expectation("Content-Length: 5\r\nExpect: 100-CONTINUE\r\n")),
              testing::AllOf(testing::HasSubstr("Expect: 100-continue\r\n"),
                             testing::HasSubstr("Content-Length: 5\r\n")));
  for (const auto& request :
       {with_expectation("Expect: 100-continue\r\n"),
        with_expectation("Content-Length: 0\r\nExpect: 100-continue\r\n"),
        with_expectation("Content-Length: 5\r\nExpect: 100-continue\r\n", "1.0")}) {
    EXPECT_THAT(forwarded(request), testing::Not(testing::HasSubstr("Expect"))) << request;
  }
}

TEST(ForwardHead, HTTP_07_other_expectations_are_unknown) {
  for (const char* fields :
       {"Expect: 200-ok\r\n", "Expect: 100-continue, x\r\n", "Expect: y 100-continue\r\n",
        "Expect:\r\n", "Expect: 100-continue\r\nExpect: 100-continue\r\n"}) {
    const auto head = head_of(with_expectation("Content-Length: 5\r\n" + std::string(fields)));
    EXPECT_EQ(expectation_of(head), Expectation::kUnknown) << fields;
  }
}

TEST(ForwardHead, HTTP_06_only_a_repeatable_request_leaves_the_connection_open) {
  const auto ending = [](const std::string& request) {
    const std::string out = forwarded(request);
    return out.substr(out.rfind("Connection: "));
  };
  const std::string close = "Connection: close\r\n\r\n";
  EXPECT_EQ(ending("HEAD / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
            "Connection: keep-alive\r\n\r\n");
  EXPECT_EQ(ending("POST / HTTP/1.1\r\nHost: example.com\r\n\r\n"), close);
  EXPECT_EQ(ending("GET / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 0\r\n\r\n"), close);
  EXPECT_EQ(ending("GET / HTTP/1.0\r\nHost: example.com\r\n\r\n"), close);
  EXPECT_EQ(ending("GET / HTTP/1.1\r\nHost: example.com\r\nConnection: x, Close\r\n\r\n"), close);
  EXPECT_EQ(ending("GET / HTTP/1.1\r\nHost: example.com\r\nProxy-Connection: close\r\n\r\n"),
            close);
}

net::ResponseHead response_of(const std::string& text) {
  auto head = net::read_response_head(text);
  EXPECT_TRUE(head.has_value());
  return std::move(*head).or_refuse();
}

TEST(ResponseHead, HTTP_07_is_written_anew_for_this_hop) {
  using Kind = net::ResponseFraming::Kind;
  const auto head = response_of(
      "HTTP/1.0 200 Fine\r\nServer: s\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
      "Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nContent-length: 5\r\nX-Kept: yes\r\n\r\n");
  const std::string start = "HTTP/1.1 200 Fine\r\nServer: s\r\n";
  EXPECT_EQ(response_head(head, {Kind::kLength, 5}, true),
            start + "X-Kept: yes\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(response_head(head, {Kind::kNone, 0}, false),
            start + "Content-length: 5\r\nX-Kept: yes\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(origin_goes_on(head));
}

TEST(ForwardHead, writes_the_framing_as_it_was_understood_and_once) {
  const std::string out = forwarded(
      "POST / HTTP/1.1\r\nHost: example.com\r\nConnection: transfer-encoding\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(out, testing::HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(out.find("ransfer-"), out.rfind("ransfer-"));
}

TEST(ForwardHead, HTTP_07_HTTP_10_only_a_websocket_handshake_keeps_its_upgrade) {
  const std::string handshake =
      "GET /ws HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive, Upgrade\r\n"
      "Upgrade: WebSocket\r\nSec-WebSocket-Key: x\r\n\r\n";
  EXPECT_TRUE(asks_for_websocket(head_of(handshake)));
  EXPECT_EQ(forwarded(handshake),
            "GET /ws HTTP/1.1\r\nHost: example.com\r\nSec-WebSocket-Key: x\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  for (const char* other : {
           "GET / HTTP/1.1\r\nHost: a.com\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a.com\r\nConnection: Upgrade\r\nUpgrade: websocket,x\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a.com\r\nUpgrade: websocket\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
           "GET / HTTP/1.0\r\nHost: a.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
       }) {
    EXPECT_FALSE(asks_for_websocket(head_of(other))) << other;
  }
}

TEST(OriginForm, HTTP_01_names_the_target_or_is_refused) {
  const Target to = target("example.com");
  const auto form = [&](const std::string& request_target) {
    net::RequestHead head;
    head.method = "GET";
    head.target = request_target;
    return origin_form_of(head, to);
  };
  EXPECT_EQ(*form("/a?b"), "/a?b");
  EXPECT_EQ(*form("http://EXAMPLE.com/x"), "/x");
  EXPECT_EQ(*form("http://example.com:80"), "/");
  for (const char* bad :
       {"http://evil.com/", "http://example.com:81/", "http://example.com@evil.com/",
        "https://example.com/", "example.com:80", "*", "", "http://example.com/#f", "/#f", "/a\\b",
        "http://evil.com\\@example.com/"}) {
    EXPECT_FALSE(form(bad)) << bad;
  }
}

TEST(HostCheck, TLS_02_another_host_or_port_is_a_fault) {
  const auto fault = [](const std::string& host, const Target& to) {
    net::RequestHead head;
    head.fields = {{"Host", host}};
    return host_fault(head, to).has_value();
  };
  EXPECT_FALSE(fault("example.com", target("example.com")));
  EXPECT_FALSE(fault("EXAMPLE.com.:80", target("example.com")));
  EXPECT_FALSE(fault("example.com:8080", target("example.com", 8080)));
  EXPECT_TRUE(fault("example.com", target("example.com", 8080)));
  EXPECT_TRUE(fault("www.example.com", target("example.com")));
  EXPECT_TRUE(fault("example.com:81", target("example.com")));
  EXPECT_TRUE(fault("example.com, evil.com", target("example.com")));
  EXPECT_TRUE(fault("", target("example.com")));
  EXPECT_TRUE(host_fault({}, target("example.com")).has_value());
  const Target literal{IpAddress::parse("192.0.2.1").or_refuse(), 80};
  EXPECT_FALSE(fault("192.0.2.1", literal));
  EXPECT_TRUE(fault("example.com", literal));
}

TEST(SniCheck, TLS_01_TLS_03_the_hello_must_name_the_very_target) {
  const auto fault = [](const std::string& name, const Target& to, bool encrypted = false) {
    net::ClientHello hello;
    hello.server_name = name;
    hello.encrypted_hello = encrypted;
    const auto found = sni_fault(hello, to);
    return found ? found->rule : std::string("none");
  };
  EXPECT_EQ(fault("example.com", target("example.com", 443)), "none");
  EXPECT_EQ(fault("Example.COM", target("example.com", 443)), "none");
  EXPECT_EQ(fault("a.example.com", target("example.com", 443)), "tls-sni-mismatch");
  EXPECT_EQ(fault("evil.com", target("example.com", 443)), "tls-sni-mismatch");
  EXPECT_EQ(fault("", target("example.com", 443)), "tls-sni-missing");
}

TEST(SniCheck, TLS_05_an_encrypted_hello_is_judged_by_its_outer_name) {
  net::ClientHello hello;
  hello.encrypted_hello = true;
  hello.server_name = "example.com";
  EXPECT_FALSE(sni_fault(hello, target("example.com", 443)));
  hello.server_name = "cloudflare-ech.com";
  EXPECT_TRUE(sni_fault(hello, target("example.com", 443)));
}

TEST(SniCheck, NET_03_a_literal_address_takes_no_name_but_itself) {
  const Target literal{IpAddress::parse("192.0.2.1").or_refuse(), 443};
  net::ClientHello hello;
  EXPECT_FALSE(sni_fault(hello, literal));
  hello.server_name = "192.0.2.1";
  EXPECT_FALSE(sni_fault(hello, literal));
  hello.server_name = "tenant.example";
  EXPECT_TRUE(sni_fault(hello, literal));
  hello.server_name.clear();
  hello.encrypted_hello = true;
  EXPECT_TRUE(sni_fault(hello, literal));
}

}  // namespace
}  // namespace awf::egress
