// How much may be sent: budgets of hosts and of the run, whatever carries the bytes.
#include <gmock/gmock.h>

#include <future>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using egress::Target;
using egress::UploadBudgets;
using nlohmann::json;
using policy::UploadLimit;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

UploadLimit limit(const std::string& text) {
  return UploadLimit::parse(text).or_refuse();
}

Target target(const std::string& name) {
  return {policy::HostName::parse(name).or_refuse(), 443};
}

TEST(UploadBudgets, NET_37_a_name_and_its_subdomains_share_one_budget_beside_the_total) {
  UploadBudgets budgets({limit("example.com=100"), limit("=a.example.com=60")}, 120);
  const auto apex = budgets.allowance_of(target("example.com"));
  const auto sub = budgets.allowance_of(target("a.example.com"));
  const auto other = budgets.allowance_of(target("other.org"));
  EXPECT_EQ(apex->left(), 100U);
  EXPECT_EQ(sub->left(), 60U);
  EXPECT_EQ(other->left(), 120U);
  apex->spend(70);
  EXPECT_EQ(sub->left(), 30U);
  EXPECT_EQ(other->left(), 50U);
  sub->spend(30);
  EXPECT_EQ(apex->left(), 0U);
  EXPECT_EQ(apex->spent_reason(), "the upload budget of example.com (100 bytes) is spent");
  other->spend(20);
  EXPECT_EQ(other->spent_reason(), "the upload budget of this run (120 bytes) is spent");
}

TEST(UploadBudgets, nothing_is_counted_for_hosts_without_a_budget) {
  UploadBudgets budgets({limit("example.com=100"), limit("192.0.2.0/24=5")}, std::nullopt);
  EXPECT_EQ(budgets.allowance_of(target("other.org")), nullptr);
  EXPECT_EQ(budgets.allowance_of(target("notexample.com")), nullptr);
  const Target literal{policy::IpAddress::parse("192.0.2.7").or_refuse(), 443};
  EXPECT_EQ(budgets.allowance_of(literal)->left(), 5U);
}

class Budget : public ProxyDoor {};

TEST_F(Budget, NET_37_a_tunnel_is_cut_at_the_byte_and_reported) {
  std::promise<std::size_t> arrived;
  serve_origin([&](const Peer& peer) { arrived.set_value(peer.read_exactly(4096).size()); });
  const std::string hello = client_hello("example.com");
  max_tx_ = {limit("example.com=" + std::to_string(hello.size() + 100))};
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:443") + hello);
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  client.send(std::string(2000, 'x'));
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_LE(arrived.get_future().get(), hello.size() + 100);
  const json record = audit(1).at(0);
  EXPECT_EQ(record["verdict"], "deny");
  EXPECT_EQ(record["rule"], "max-tx");
  EXPECT_LE(record["bytesUp"], hello.size() + 100);
  EXPECT_THAT(record["reason"].get<std::string>(), HasSubstr("upload budget of example.com"));
}

TEST_F(Budget, NET_37_all_connections_of_a_name_spend_from_one_budget) {
  addresses_["www.example.com"] = {"127.0.0.1"};
  serve_origin([](const Peer& peer) {
    peer.send(peer.read_exactly(1));
    (void)peer.read_to_end();
  });
  const std::size_t size = client_hello("www.example.com").size();
  max_tx_ = {limit("example.com=" + std::to_string(2 * size))};
  start({"example.com"});
  for (int i = 0; i < 2; ++i) {
    const Peer client = connect_to_proxy();
    client.send(connect_request("www.example.com:443") + client_hello("www.example.com"));
    (void)client.read_until(kEndOfHead);
    EXPECT_EQ(client.read_exactly(1), "\x16") << i;
  }
  EXPECT_THAT(answer_to(connect_request("example.com:443")),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("max-tx")));
  EXPECT_EQ(lookups_, 2) << "a spent budget is refused before the lookup";
}

TEST_F(Budget, NET_37_plain_http_bodies_count_and_answers_do_not) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'a'));
    (void)peer.read_to_end();
  });
  max_tx_total_ = 1000;
  start({"example.com"});
  EXPECT_THAT(answer_to(get("example.com")), EndsWith("aaaa"));
  const std::string post = "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n";
  for (const std::string& request : {post + "Content-Length: 2000\r\n\r\n" + std::string(2000, 'x'),
                                     post + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                                         std::string(2000, 'x') + "\r\n0\r\n\r\n"}) {
    EXPECT_THAT(answer_to(request), EndsWith("RESET"));
  }
  const auto records = audit(3);
  EXPECT_EQ(records[0]["verdict"], "allow");
  for (const auto& record : {records[1], records[2]}) {
    EXPECT_EQ(record["rule"], "max-tx");
    EXPECT_THAT(record["reason"].get<std::string>(), HasSubstr("of this run (1000 bytes)"));
    EXPECT_LT(record["bytesUp"], 1000);
  }
}

TEST_F(Budget, NET_37_HTTP_10_websocket_frames_count) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    (void)peer.read_to_end();
  });
  max_tx_ = {limit("example.com=500")};
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "GET http://example.com/ws HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\n\r\n");
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 101 "));
  client.send(std::string(1000, 'f'));
  EXPECT_EQ(client.read_to_end(), "RESET");
  EXPECT_EQ(audit(1).at(0)["rule"], "max-tx");
}

TEST_F(Budget, a_budget_spent_to_its_last_byte_is_not_exceeded) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_to_end();
    peer.send("bye");
  });
  const std::string hello = client_hello("example.com");
  max_tx_ = {limit("example.com=" + std::to_string(hello.size() + 5))};
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:443") + hello);
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  client.send("bytes");
  client.finish_sending();
  EXPECT_EQ(client.read_to_end(), "bye");
  EXPECT_EQ(audit(1).at(0)["verdict"], "allow");
}

class MinTls : public ProxyDoor {};

TEST_F(MinTls, TLS_08_a_hello_that_offers_less_is_reset_before_anything_is_dialled) {
  serve_origin(echo);
  min_tls_version_ = 0x0304;
  start({"example.com"});
  std::string old = client_hello("example.com");
  const auto versions = old.find(std::string("\x02\x03\x04", 3));
  ASSERT_NE(versions, std::string::npos);
  old[versions + 2] = '\x03';  // TLS 1.2 at best
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:443") + old);
  EXPECT_THAT(client.read_to_end(), EndsWith("RESET"));
  EXPECT_EQ(audit(1).at(0)["rule"], "tls-version");
  EXPECT_EQ(dials_, 0);
  const std::string good = client_hello("example.com");
  const Peer second = connect_to_proxy();
  second.send(connect_request("example.com:443") + good);
  (void)second.read_until(kEndOfHead);
  EXPECT_EQ(second.read_exactly(good.size()), good);
}

}  // namespace
}  // namespace awf::test
