// Where connections lead: vetted addresses, failures, limits.
#include <gmock/gmock.h>

#include <future>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

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

TEST_F(ProxyDoor, a_tunnel_that_is_open_at_the_end_of_the_run_is_recorded_with_its_bytes) {
  serve_origin([](const Peer& peer) {
    peer.send(peer.read_exactly(3));
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const std::string hello = client_hello("example.com");
  const Peer tunnel = connect_to_proxy();
  tunnel.send(connect_request("example.com:443") + hello);
  (void)tunnel.read_until(kEndOfHead);
  EXPECT_EQ(tunnel.read_exactly(3), hello.substr(0, 3));
  (void)audit(0);
  record_unfinished();
  const json record = audit(1).at(0);
  EXPECT_EQ(record["name"], "example.com");
  EXPECT_EQ(record["bytesUp"], hello.size());
  EXPECT_EQ(record["bytesDown"], 3);
  record_unfinished();
  (void)audit(1);
}

TEST_F(ProxyDoor, a_request_without_its_answer_at_the_end_of_the_run_is_recorded) {
  std::promise<void> arrived;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    arrived.set_value();
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");
  arrived.get_future().get();
  record_unfinished();
  const json record = audit(1).at(0);
  EXPECT_EQ(record["verdict"], "allow");
  EXPECT_THAT(record["error"].get<std::string>(), HasSubstr("unfinished"));
}

TEST_F(ProxyDoor, what_happens_before_the_audit_is_armed_is_not_recorded) {
  armed_ = false;
  start({"example.com"});
  EXPECT_THAT(answer_to(connect_request("evil.net:443")), StartsWith("HTTP/1.1 403 "));
  EXPECT_TRUE(audit(0).empty());
}

}  // namespace
}  // namespace awf::test
