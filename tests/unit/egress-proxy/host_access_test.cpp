// The host's loopback through the doors, and block-listed addresses behind allowed names.
#include <gmock/gmock.h>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using policy::IpAddress;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class HostDoor : public ProxyDoor {
 protected:
  HostDoor() { host_access_ = {true, {{{3000, 3010}, "--allow-host-ports"}}}; }

  std::vector<std::string> dialled() {
    std::vector<std::string> texts;
    for (const auto& address : dialled_)
      texts.push_back(address.text());
    return texts;
  }
};

TEST_F(HostDoor, NET_18_a_named_port_leads_to_the_loopback_of_the_host_unread_and_unresolved) {
  serve_origin(echo);
  start({});
  const Peer client = connect_intercepted(mapped_address("host.docker.internal"), 3005);
  client.send("\x01 no http");
  EXPECT_EQ(client.read_exactly(2), "\x01 ");
  client.finish_sending();
  (void)client.read_to_end();
  const json record = audit(1).at(0);
  EXPECT_EQ(record["name"], "host.docker.internal");
  EXPECT_EQ(record["address"], "127.0.0.1");
  EXPECT_EQ(record["rule"], "--allow-host-ports 3000-3010");
  EXPECT_EQ(lookups_, 0);
  EXPECT_THAT(dialled(), ElementsAre("127.0.0.1"));
}

TEST_F(HostDoor, NET_18_the_gateway_of_the_reference_system_is_the_host_as_well) {
  serve_origin(echo);
  start({});
  const Peer client = connect_intercepted(IpAddress::parse("172.30.0.1").or_refuse(), 3000);
  client.send("x");
  EXPECT_EQ(client.read_exactly(1), "x");
}

TEST_F(HostDoor, NET_18_the_proxy_takes_connect_and_plain_http_to_named_ports) {
  serve_origin(reflect_head);
  start({});
  EXPECT_THAT(answer_to("GET http://host.docker.internal:3000/a HTTP/1.1\r\n"
                        "Host: host.docker.internal:3000\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("GET /a HTTP/1.1")));
  const Peer client = connect_to_proxy();
  client.send(connect_request("host.docker.internal:3000"));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HostDoor, NET_18_every_other_port_and_name_stays_shut) {
  addresses_["loopback.example.com"] = {"127.0.0.1"};
  start({"example.com"});
  for (const char* target :
       {"host.docker.internal:2999", "host.docker.internal:80", "host.docker.internal:443",
        "172.30.0.1:22", "127.0.0.1:3000", "localhost:3000", "a.host.docker.internal:3000"}) {
    EXPECT_THAT(answer_to(connect_request(target)), testing::Not(StartsWith("HTTP/1.1 200")))
        << target;
  }
  EXPECT_EQ(dials_, 0);
}

TEST(HostUpstream, ipv4_is_dialled_first_and_ipv6_when_nothing_listens_there) {
  net::asio::io_context context;
  const auto policy =
      policy::EgressPolicy::build({}, {}, {true, {{{3000, 3000}, "test"}}}).or_refuse();
  std::vector<std::string> dialled;
  egress::Upstream upstream(
      policy, [](const auto&, const auto&) { FAIL() << "the host is not looked up"; },
      [&](const std::vector<IpAddress>& vetted, std::uint16_t, const net::Dialer::Callback& done) {
        dialled.push_back(vetted.front().text());
        done({net::asio::error::connection_refused, net::tcp::socket(context), vetted.front()});
      },
      net::AddressVetting({}, {}));
  const egress::Target host{policy::HostName::parse("host.docker.internal").or_refuse(), 3000};
  std::string reason;
  upstream.find(host, [&](const egress::Upstream::Found& found) {
    upstream.dial(host, found.addresses, egress::Upstream::Use::kTunnel,
                  [&](const egress::Upstream::Connected& connected) {
                    reason = connected.failure ? connected.failure->reason : "connected";
                  });
  });
  EXPECT_THAT(dialled, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(reason, "connecting to host.docker.internal:3000: Connection refused");
}

TEST_F(HostDoor, a_block_of_loopback_closes_the_host) {
  block_ = {{"127.0.0.0/8", "test"}, {"::1", "test"}};
  start({});
  EXPECT_THAT(answer_to(connect_request("host.docker.internal:3000")),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("block list")));
  EXPECT_EQ(dials_, 0);
}

TEST_F(ProxyDoor, an_allowed_name_is_not_dialled_at_an_address_that_the_block_list_holds) {
  addresses_["example.com"] = {"127.0.0.1"};
  addresses_["two.example.com"] = {"127.0.0.1", "127.0.0.2"};
  block_ = {{"127.0.0.1", "test"}};
  serve_origin(reflect_head);
  start({"example.com"});
  EXPECT_THAT(answer_to(connect_request("example.com:443")),
              AllOf(StartsWith("HTTP/1.1 403 "),
                    HasSubstr("example.com leads to 127.0.0.1, which the block list holds")));
  EXPECT_EQ(dials_, 0);
  (void)answer_to("GET http://two.example.com/ HTTP/1.1\r\nHost: two.example.com\r\n\r\n");
  (void)audit(2);
  ASSERT_EQ(dialled_.size(), 1U);
  EXPECT_EQ(dialled_.front().text(), "127.0.0.2");
}

TEST_F(ProxyDoor, a_block_of_an_address_for_one_port_leaves_the_others) {
  block_ = {{"127.0.0.1:443", "test"}};
  serve_origin(reflect_head);
  start({"example.com"});
  EXPECT_THAT(answer_to(connect_request("example.com:443")), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer_to("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace awf::test
