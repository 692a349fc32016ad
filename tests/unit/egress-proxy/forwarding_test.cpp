// One request and not a byte more: bodies, expectations, upgrades.
#include <gmock/gmock.h>

#include <future>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789");
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
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body);
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
  EXPECT_EQ(client.read_to_end(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody");
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
              HasSubstr("GET /x HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive\r\n\r\n"));
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

}  // namespace
}  // namespace awf::test
