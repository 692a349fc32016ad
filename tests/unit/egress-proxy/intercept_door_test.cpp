// The interceptor: connections to mapped addresses and listed literals.
#include <gmock/gmock.h>

#include "dns_query_builder.hpp"
#include "doors_steps.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

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
  client.finish_sending();
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
