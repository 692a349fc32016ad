// Clients that close their connection and do not wait, beside those that only have no more to say.
#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <thread>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using testing::EndsWith;
using testing::StartsWith;

class Departure : public ProxyDoor {
 protected:
  // The proxy has looked whether the client is there so many times more.
  void await_checks(int more) {
    const int wanted = presence_.checks() + more;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (presence_.checks() < wanted && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    ASSERT_GE(presence_.checks(), wanted);
  }

  // An origin that takes all and says nothing; it ends when the proxy does.
  void serve_silence() {
    serve_origin([this](const Peer& peer) { heard_.set_value(peer.read_to_end()); });
  }

  std::promise<std::string> heard_;
};

TEST_F(Departure, NET_32_while_a_response_is_awaited_lets_go_of_the_origin) {
  serve_silence();
  start({"example.com"});
  Peer client = connect_to_proxy();
  client.send(get("example.com"));
  client.close();
  EXPECT_THAT(heard_.get_future().get(), EndsWith(kEndOfHead)) << "and then the end of data";
  EXPECT_EQ(audit(1).at(0)["error"], "the client left");
}

TEST_F(Departure, NET_32_a_client_that_has_only_no_more_to_say_gets_its_response) {
  std::promise<void> may_answer;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    may_answer.get_future().get();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com"));
  client.finish_sending();
  await_checks(3);
  may_answer.set_value();
  EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\nlate"));
  EXPECT_FALSE(audit(1).at(0).contains("error"));
}

TEST_F(Departure, NET_32_from_a_tunnel_lets_go_of_the_origin) {
  std::promise<void> may_end;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_exactly(5);
    may_end.get_future().get();  // holds its connection
  });
  start({"example.com:22"});
  Peer client = connect_to_proxy();
  client.send(connect_request("example.com:22"));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 "));
  client.send("hello");
  client.close();
  const auto record = audit(1).at(0);
  EXPECT_EQ(record.value("error", ""), "the client left");
  EXPECT_EQ(record.value("bytesUp", 0), 5);
  may_end.set_value();
}

TEST_F(Departure, NET_32_a_half_closed_tunnel_stays_open_for_the_answer) {
  std::promise<void> may_answer;
  serve_origin([&](const Peer& peer) {
    const std::string question = peer.read_to_end();
    may_answer.get_future().get();
    peer.send("answer to " + question);
  });
  start({"example.com:22"});
  const Peer client = connect_to_proxy();
  client.send(connect_request("example.com:22"));
  (void)client.read_until(kEndOfHead);
  client.send("question");
  client.finish_sending();
  await_checks(3);
  may_answer.set_value();
  EXPECT_EQ(client.read_to_end(), "answer to question");
  EXPECT_FALSE(audit(1).at(0).contains("error"));
}

// A client that sends and goes has sent: its bytes are not cut off with it.
TEST_F(Departure, NET_32_takes_nothing_back_that_was_sent_before) {
  const std::string sent(std::size_t{128} * 1024, 'x');
  std::promise<void> may_read;
  serve_origin([&](const Peer& peer) {
    may_read.get_future().get();
    heard_.set_value(peer.read_to_end());
  });
  start({"example.com:22"});
  Peer client = connect_to_proxy();
  client.send(connect_request("example.com:22"));
  (void)client.read_until(kEndOfHead);
  client.send(sent);
  client.close();
  EXPECT_EQ(audit(1).at(0)["error"], "the client left");
  may_read.set_value();
  EXPECT_EQ(heard_.get_future().get(), sent) << "all of it, and no reset";
}

}  // namespace
}  // namespace awf::test
