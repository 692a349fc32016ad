// The doors as a client and an origin see them.
#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "dns_query_builder.hpp"
#include "doors_fixture.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kEndOfHead = "\r\n\r\n";

void echo(const Peer& peer) {
  for (std::string piece = peer.read_exactly(1); !piece.empty(); piece = peer.read_exactly(1)) {
    peer.send(piece);
  }
}

std::string connect_request(const std::string& authority) {
  return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority +
         "\r\nUser-Agent: test/1\r\n\r\n";
}

// An origin that answers each request with its own head, so that a test sees what arrived.
void reflect_head(const Peer& peer) {
  const std::string head = peer.read_until(kEndOfHead);
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(head.size()) +
            "\r\nConnection: close\r\n\r\n" + head);
}

class ProxyDoor : public Doors {
 protected:
  ProxyDoor() { addresses_["example.com"] = {"127.0.0.1"}; }

  std::string answer_to(const std::string& request) {
    const Peer client = connect_to_proxy();
    client.send(request);
    return client.read_to_end();
  }
};

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
            "Connection: close\r\n\r\n");
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
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "\x05\x01\x00\r\n\r\n",
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

TEST_F(ProxyDoor, HTTP_06_a_body_of_known_length_ends_where_it_ends) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    const std::string body = peer.read_exactly(10);
    peer.send("HTTP/1.1 200 OK\r\n\r\n" + body);
    peer.finish_sending();
    peer.send(peer.read_to_end());
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 10\r\n\r\n01");
  client.send("23456789GET /second HTTP/1.1\r\nHost: evil.net\r\n\r\n");
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\n\r\n0123456789");
}

TEST_F(ProxyDoor, HTTP_06_a_chunked_body_ends_where_it_ends) {
  const std::string body = "5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n";
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\n\r\n" + peer.read_exactly(body.size()));
    peer.finish_sending();
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n"
      "Transfer-Encoding: chunked\r\n\r\n" +
      body.substr(0, 7));
  client.send(body.substr(7) + "GET /second HTTP/1.1\r\nHost: evil.net\r\n\r\n");
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\n\r\n" + body);
  const json record = audit(1).at(0);
  EXPECT_EQ(record["verdict"], "allow");
  EXPECT_FALSE(record.contains("error"));
}

TEST_F(ProxyDoor, HTTP_04_a_malformed_chunked_body_ends_both_connections) {
  std::promise<std::string> seen;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    seen.set_value(peer.read_to_end());
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5;ext\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_THAT(seen.get_future().get(), Not(HasSubstr("hello")));
  EXPECT_TRUE(audit(1).at(0).contains("error"));
}

TEST_F(ProxyDoor, HTTP_07_an_expectation_is_answered_by_the_origin) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\n\r\n" + peer.read_exactly(4));
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "PUT http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until(kEndOfHead), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\n\r\nbody");
}

TEST_F(ProxyDoor, HTTP_10_a_websocket_becomes_a_tunnel_after_101) {
  serve_origin([](const Peer& peer) {
    const std::string head = peer.read_until(kEndOfHead);
    if (head.find("Upgrade: websocket") == std::string::npos) return;
    peer.send("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    echo(peer);
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "GET http://example.com/ws HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\n\r\n");
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 101 "));
  client.send("frames");
  EXPECT_EQ(client.read_exactly(6), "frames");
}

TEST_F(ProxyDoor, HTTP_10_switching_protocols_unasked_is_refused) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    (void)peer.read_to_end();
  });
  start({"example.com"});
  EXPECT_THAT(answer_to("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n"
                        "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
              StartsWith("HTTP/1.1 502 "));
}

TEST_F(ProxyDoor, connect_to_80_must_carry_a_request_for_the_very_host) {
  serve_origin(reflect_head);
  start({"example.com"});
  const std::string connect = connect_request("example.com:80");
  EXPECT_THAT(answer_to(connect + "GET /x HTTP/1.1\r\nHost: example.com\r\n\r\n"),
              HasSubstr("GET /x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(answer_to(connect + "GET /x HTTP/1.1\r\nHost: evil.net\r\n\r\n"),
              HasSubstr("HTTP/1.1 421 "));
  EXPECT_THAT(answer_to(connect + "SSH-2.0-x\r\n\r\n"), HasSubstr("HTTP/1.1 400 "));
  EXPECT_EQ(dials_, 1);
}

TEST_F(ProxyDoor, NET_27_other_ports_open_by_an_entry_with_that_port_only) {
  serve_origin([](const Peer& peer) {
    peer.send("SSH-2.0-origin\r\n");
    echo(peer);
  });
  start({"example.com", "example.com:22"});
  EXPECT_THAT(answer_to(connect_request("example.com:23")), StartsWith("HTTP/1.1 403 "));
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:22"));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(client.read_until("\n"), "SSH-2.0-origin\r\n");
  client.send("bytes");
  EXPECT_EQ(client.read_exactly(5), "bytes");
}

TEST_F(ProxyDoor, DNS_20_an_upstream_failure_is_502_with_its_reason) {
  start({"example.com", "missing.org"});
  for (const auto& request :
       {connect_request("missing.org:443"),
        std::string("GET http://missing.org/ HTTP/1.1\r\nHost: missing.org\r\n\r\n")}) {
    EXPECT_THAT(answer_to(request),
                AllOf(StartsWith("HTTP/1.1 502 "),
                      HasSubstr("X-AWF-Reason: looking up missing.org: no such name\r\n")));
  }
  const json record = audit(2).at(0);
  EXPECT_EQ(record["verdict"], "allow");
  EXPECT_THAT(record["error"].get<std::string>(), HasSubstr("no such name"));
}

TEST_F(ProxyDoor, DNS_12_NET_19_private_and_metadata_addresses_are_not_dialled) {
  addresses_["private.example.com"] = {"10.0.0.1", "169.254.169.254", "::ffff:192.168.0.1"};
  start({"example.com"});
  EXPECT_THAT(answer_to(connect_request("private.example.com:443")),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("address-refused")));
  EXPECT_EQ(dials_, 0);
}

TEST_F(ProxyDoor, DNS_12_of_several_addresses_only_the_vetted_are_dialled) {
  addresses_["mixed.example.com"] = {"10.0.0.1", "127.0.0.1"};
  serve_origin(reflect_head);
  start({"example.com"});
  EXPECT_THAT(
      answer_to("GET http://mixed.example.com/ HTTP/1.1\r\nHost: mixed.example.com\r\n\r\n"),
      StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(audit(1).at(0)["address"], "127.0.0.1");
}

TEST_F(ProxyDoor, NET_01_a_literal_address_needs_an_entry) {
  serve_origin(reflect_head);
  start({"127.0.0.1"});
  EXPECT_THAT(answer_to(connect_request("8.8.8.8:443")), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to(connect_request("[2001:4860:4860::8888]:443")),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to("GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(lookups_, 0);
}

TEST_F(ProxyDoor, a_mapped_address_is_judged_by_its_name) {
  serve_origin(echo);
  start({"example.com"});
  const std::string address = mapped_address("example.com").text();
  const Peer client = connect_to_proxy();
  client.send(connect_request(address + ":443"));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  const std::string hello = client_hello("example.com");
  client.send(hello);
  EXPECT_EQ(client.read_exactly(hello.size()), hello);
  EXPECT_THAT(answer_to(connect_request("198.19.0.77:443")), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ProxyDoor, a_mebibyte_passes_each_way) {
  const std::string hello = client_hello("example.com");
  const std::string bulk(std::size_t{1024} * 1024, 'b');
  serve_origin([&](const Peer& peer) {
    (void)peer.read_exactly(hello.size());
    peer.send(peer.read_exactly(bulk.size()));
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:443") + hello);
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  client.send(bulk);
  EXPECT_EQ(client.read_exactly(bulk.size()), bulk);
  client.finish_sending();
  const json record = audit(1).at(0);
  EXPECT_EQ(record["bytesUp"], bulk.size() + hello.size());
  EXPECT_EQ(record["bytesDown"], bulk.size());
}

TEST_F(ProxyDoor, NET_32_beyond_the_limit_clients_wait_and_are_served_later) {
  start({"example.com"}, 2);
  Peer first = connect_to_proxy();
  Peer second = connect_to_proxy();
  const Peer third = connect_to_proxy();
  third.send(connect_request("evil.net:443"));
  first.close();
  EXPECT_THAT(third.read_to_end(), StartsWith("HTTP/1.1 403 "));
}

TEST_F(ProxyDoor, what_happens_before_the_audit_is_armed_is_not_recorded) {
  armed_ = false;
  start({"example.com"});
  EXPECT_THAT(answer_to(connect_request("evil.net:443")), StartsWith("HTTP/1.1 403 "));
  EXPECT_TRUE(audit(0).empty());
}

class InterceptDoor : public ProxyDoor {};

TEST_F(InterceptDoor, S1_01_a_tls_connection_to_a_mapped_address_reaches_its_name) {
  serve_origin(echo);
  start({"example.com"});
  const Peer client = connect_intercepted(mapped_address("example.com"), 443);
  const std::string hello = client_hello("example.com");
  client.send(hello);
  EXPECT_EQ(client.read_exactly(hello.size()), hello);
  client.finish_sending();
  const json record = audit(1).at(0);
  EXPECT_EQ(record["door"], "intercept");
  EXPECT_EQ(record["name"], "example.com");
  EXPECT_EQ(record["address"], "127.0.0.1");
}

TEST_F(InterceptDoor, TLS_03_a_hello_for_another_name_is_reset_without_lookup_or_dial) {
  start({"example.com", "other.org"});
  const Peer client = connect_intercepted(mapped_address("example.com"), 443);
  client.send(client_hello("other.org"));
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_EQ(audit(1).at(0)["rule"], "tls-sni-mismatch");
  EXPECT_EQ(lookups_, 0);
  EXPECT_EQ(dials_, 0);
}

TEST_F(InterceptDoor, NET_27_a_port_that_no_entry_opens_is_reset_at_once) {
  start({"example.com"});
  EXPECT_EQ(connect_intercepted(mapped_address("example.com"), 8443).read_to_end(), "RESET");
  const json record = audit(1).at(0);
  EXPECT_EQ(record["verdict"], "deny");
  EXPECT_EQ(record["port"], 8443);
  EXPECT_EQ(lookups_, 0);
}

TEST_F(InterceptDoor, DNS_19_a_mapped_address_without_a_name_is_reset) {
  start({"example.com"});
  const auto nobody = policy::IpAddress::parse("198.19.3.4").or_refuse();
  EXPECT_EQ(connect_intercepted(nobody, 443).read_to_end(), "RESET");
  EXPECT_EQ(audit(1).at(0)["name"], "198.19.3.4");
}

TEST_F(InterceptDoor, a_connection_without_a_byte_leaves_no_trace) {
  start({"example.com"});
  connect_intercepted(mapped_address("example.com"), 443).finish_sending();
  const Peer client = connect_intercepted(mapped_address("example.com"), 8443);
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_EQ(audit(1).at(0)["port"], 8443);
  EXPECT_EQ(lookups_, 0);
}

TEST_F(InterceptDoor, S1_03_TLS_02_plain_http_is_forwarded_for_the_mapped_name_only) {
  serve_origin(reflect_head);
  start({"example.com", "other.org"});
  const auto address = mapped_address("example.com");
  const Peer client = connect_intercepted(address, 80);
  client.send("GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), HasSubstr("GET /a HTTP/1.1\r\nHost: example.com\r\n"));
  const Peer other = connect_intercepted(address, 80);
  other.send("GET /a HTTP/1.1\r\nHost: other.org\r\n\r\n");
  EXPECT_THAT(other.read_to_end(), StartsWith("HTTP/1.1 421 "));
  EXPECT_EQ(dials_, 1);
}

TEST_F(InterceptDoor, an_opaque_entry_lets_the_origin_speak_first) {
  serve_origin([](const Peer& peer) {
    peer.send("220 hello\r\n");
    echo(peer);
  });
  start({"example.com:2222"});
  const Peer client = connect_intercepted(mapped_address("example.com"), 2222);
  EXPECT_EQ(client.read_until("\n"), "220 hello\r\n");
}

TEST_F(InterceptDoor, an_upstream_failure_is_a_reset) {
  start({"missing.org"});
  const Peer client = connect_intercepted(mapped_address("missing.org"), 443);
  client.send(client_hello("missing.org"));
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_TRUE(audit(1).at(0).contains("error"));
}

class DnsDoor : public ProxyDoor {
 protected:
  static std::string framed(const Bytes& query) {
    Bytes out;
    put16(out, static_cast<unsigned>(query.size()));
    out.insert(out.end(), query.begin(), query.end());
    return {out.begin(), out.end()};
  }
  static std::string read_framed(const Peer& peer) {
    const std::string size = peer.read_exactly(2);
    if (size.size() < 2) return {};
    return peer.read_exactly(static_cast<unsigned char>(size[0]) * std::size_t{256} +
                             static_cast<unsigned char>(size[1]));
  }
};

TEST_F(DnsDoor, DNS_02_several_queries_in_one_segment_are_each_judged) {
  start({"example.com"});
  const Peer client = Peer::connect(dns_tcp_port_);
  client.send(framed(dns_query("example|com", 1)) + framed(dns_query("data|evil|net", 1)) +
              framed(dns_query("www|example|com", 28)));
  EXPECT_EQ(read_framed(client).at(3) & 0x0F, 0);
  EXPECT_EQ(read_framed(client).at(3) & 0x0F, 3);
  EXPECT_EQ(read_framed(client).at(3) & 0x0F, 0);
  const json record = audit(1).at(0);
  EXPECT_EQ(record["door"], "dns");
  EXPECT_EQ(record["name"], "data.evil.net");
  EXPECT_EQ(record["method"], "A");
  EXPECT_EQ(lookups_, 0);
}

TEST_F(DnsDoor, a_query_that_deserves_no_answer_ends_the_connection) {
  start({"example.com"});
  const Peer too_long = Peer::connect(dns_tcp_port_);
  too_long.send(std::string("\xff\xff") + std::string(100, 'x'));
  EXPECT_THAT(too_long.read_to_end(), testing::AnyOf("", "RESET"));
  const Peer response = Peer::connect(dns_tcp_port_);
  response.send(framed(dns_header(1, 0, 0x8000)));
  EXPECT_EQ(response.read_to_end(), "");
}

TEST_F(DnsDoor, DNS_01_a_datagram_is_answered_from_where_it_was_sent_to_and_nothing_is_looked_up) {
  start({"example.com"});
  const DatagramPeer client(dns_udp_port_);
  client.send(dns_query("example|com", 1));
  EXPECT_EQ(client.receive().at(3) & 0x0F, 0);
  client.send({1, 2, 3});  // no answer
  client.send(dns_query("x|evil|net", 28));
  EXPECT_EQ(client.receive().at(3) & 0x0F, 3);
  EXPECT_EQ(audit(1).at(0)["name"], "x.evil.net");
  EXPECT_EQ(lookups_, 0);
}

}  // namespace
}  // namespace awf::test
