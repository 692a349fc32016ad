// The explicit proxy: what is allowed into a tunnel or towards an origin, and what is not.
#include <gmock/gmock.h>

#include <atomic>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(ProxyDoor, S1_01_TLS_01_a_tunnel_whose_hello_names_the_target_carries_bytes_unchanged) {
  serve_origin(echo);
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(connect_request("Example.COM:443"));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  const std::string sent = client_hello("example.com") + "then bytes";
  client.send(sent);
  EXPECT_EQ(client.read_exactly(sent.size()), sent);
  client.finish_sending();
  EXPECT_EQ(client.read_to_end(), "");
  const json record = audit(1).at(0);
  EXPECT_EQ(record["verdict"], "allow");
  EXPECT_EQ(record["door"], "proxy");
  EXPECT_EQ(record["protocol"], "tls");
  EXPECT_EQ(record["name"], "example.com");
  EXPECT_EQ(record["port"], 443);
  EXPECT_EQ(record["rule"], "example.com");
  EXPECT_EQ(record["address"], "127.0.0.1");
  EXPECT_EQ(record["bytesUp"], sent.size());
  EXPECT_EQ(record["bytesDown"], sent.size());
  EXPECT_FALSE(record.contains("error"));
  EXPECT_THAT(access_log(), HasSubstr(" example.com:443 127.0.0.1:443 1.1 CONNECT 200 "
                                      "TCP_TUNNEL:HIER_DIRECT example.com:443 \"test/1\"\n"));
}

TEST_F(ProxyDoor, S1_02_DNS_14_a_denied_name_is_403_and_neither_looked_up_nor_dialled) {
  serve_origin(echo);
  start({"example.com"});
  const std::string reply = answer_to(connect_request("evil.net:443"));
  EXPECT_THAT(reply, AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("Connection: close\r\n"),
                           HasSubstr("X-AWF-Reason: evil.net:443 is not allowed")));
  const json body = json::parse(reply.substr(reply.find(kEndOfHead) + 4));
  EXPECT_EQ(body["error"], "denied");
  EXPECT_EQ(body["request"], "--allow-domains evil.net");
  const json record = audit(1).at(0);
  EXPECT_EQ(record["verdict"], "deny");
  EXPECT_EQ(record["name"], "evil.net");
  EXPECT_TRUE(record["address"].is_null());
  EXPECT_EQ(lookups_, 0);
  EXPECT_EQ(dials_, 0);
}

TEST_F(ProxyDoor, HTTP_12_a_refusal_reflects_nothing_but_the_canonical_name) {
  start({"example.com"});
  const std::string reply = answer_to(
      "GET http://evil.net/secret-path?token=1 HTTP/1.1\r\nHost: evil.net\r\n"
      "Authorization: Bearer secret\r\nX-A: <script>\r\n\r\n");
  EXPECT_THAT(reply, AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("evil.net"),
                           Not(HasSubstr("secret")), Not(HasSubstr("script"))));
}

TEST_F(ProxyDoor, TLS_01_a_hello_for_another_name_is_reset_before_anything_is_dialled) {
  serve_origin(echo);
  start({"example.com", "other.org"});
  for (const char* name : {"other.org", "www.example.com", "evil.net", ""}) {
    const Peer client = connect_to_proxy();
    client.send(connect_request("example.com:443"));
    EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
    client.send(client_hello(name));
    EXPECT_EQ(client.read_to_end(), "RESET") << name;
  }
  const auto records = audit(4);
  EXPECT_EQ(records[0]["rule"], "tls-sni-mismatch");
  EXPECT_EQ(records[0]["verdict"], "deny");
  EXPECT_THAT(records[0]["reason"].get<std::string>(), HasSubstr("other.org"));
  EXPECT_EQ(records[3]["rule"], "tls-sni-missing");
  EXPECT_EQ(dials_, 0);
}

TEST_F(ProxyDoor, a_tunnel_to_443_that_does_not_speak_tls_is_reset) {
  serve_origin(echo);
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:443") + "SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_THAT(client.read_to_end(), testing::EndsWith("RESET"));
  EXPECT_EQ(audit(1).at(0)["rule"], "tls-required");
  EXPECT_EQ(dials_, 0);
}

TEST_F(ProxyDoor, a_hello_may_come_in_pieces_and_with_the_connect) {
  serve_origin(echo);
  start({"example.com"});
  const Peer client = connect_to_proxy();
  const std::string hello = client_hello("example.com");
  client.send(connect_request("example.com:443") + hello.substr(0, 20));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  for (const char c : hello.substr(20))
    client.send(std::string(1, c));
  EXPECT_EQ(client.read_exactly(hello.size()), hello);
}

TEST_F(ProxyDoor, an_unfinished_hello_is_denied_and_silence_is_no_news) {
  start({"example.com"});
  {
    const Peer silent = connect_to_proxy();
    const Peer after_connect = connect_to_proxy();
    after_connect.send(connect_request("example.com:443"));
    EXPECT_THAT(after_connect.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  }
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:443") + client_hello("example.com").substr(0, 30));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  client.finish_sending();
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_EQ(audit(1).at(0)["rule"], "incomplete-request");
}

TEST_F(ProxyDoor, S1_03_plain_http_arrives_rewritten_and_its_answer_comes_back) {
  serve_origin(reflect_head);
  start({"example.com"});
  const std::string reply = answer_to(
      "GET http://Example.com/p?q=1 HTTP/1.1\r\nHost: example.com\r\nProxy-Connection: "
      "keep-alive\r\n"
      "User-Agent: test/1\r\n\r\n");
  EXPECT_EQ(reply.substr(reply.find(kEndOfHead) + 4),
            "GET /p?q=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: test/1\r\n"
            "Connection: keep-alive\r\n\r\n");
  const json record = audit(1).at(0);
  EXPECT_EQ(record["protocol"], "http");
  EXPECT_EQ(record["method"], "GET");
  EXPECT_THAT(access_log(),
              HasSubstr(" 1.1 GET 200 TCP_MISS:HIER_DIRECT http://example.com:80/p "));
}

TEST_F(ProxyDoor, TLS_02_HTTP_01_a_host_that_is_not_the_target_is_421_without_a_lookup) {
  start({"example.com", "other.org"});
  for (const char* host : {"other.org", "example.com:81", "evil.net", "example.com@evil.net"}) {
    const std::string reply =
        answer_to("GET http://example.com/ HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_THAT(reply, AllOf(StartsWith("HTTP/1.1 421 "), Not(HasSubstr(host)))) << host;
  }
  EXPECT_EQ(audit(4).at(0)["rule"], "http-host-mismatch");
  EXPECT_EQ(lookups_, 0);
  EXPECT_EQ(dials_, 0);
}

TEST_F(ProxyDoor, HTTP_01_HTTP_04_what_is_no_proxy_request_is_400) {
  start({"example.com"});
  const std::vector<std::string> requests{
      "GET / HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n",
      "GET https://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "GET http://allowed@evil.net/ HTTP/1.1\r\nHost: evil.net\r\n\r\n",
      "GET //example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "CONNECT example.com HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "CONNECT example.com:0 HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "CONNECT example.com:65536 HTTP/1.1\r\nHost: example.com\r\n\r\n",
      "CONNECT 0x7f.1:443 HTTP/1.1\r\nHost: x\r\n\r\n",
      "CONNECT 2130706433:443 HTTP/1.1\r\nHost: x\r\n\r\n",
      "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
      std::string("POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n") +
          "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "\x05\x01\x02\r\n\r\n",
  };
  for (const auto& request : requests) {
    EXPECT_THAT(answer_to(request), StartsWith("HTTP/1.1 400 ")) << request;
  }
  EXPECT_EQ(lookups_, 0);
}

TEST_F(ProxyDoor, HTTP_06_a_pipelined_second_request_never_reaches_the_origin) {
  std::atomic<int> extra{0};
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    peer.finish_sending();
    extra += static_cast<int>(peer.read_to_end().size());
  });
  start({"example.com"});
  const std::string request = "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n";
  EXPECT_THAT(answer_to(request + "GET http://evil.net/ HTTP/1.1\r\nHost: evil.net\r\n\r\n"),
              StartsWith("HTTP/1.1 200 OK"));
  EXPECT_EQ(audit(1).at(0)["name"], "example.com");
  stop_origin();
  EXPECT_EQ(extra, 0);
}

}  // namespace
}  // namespace awf::test
