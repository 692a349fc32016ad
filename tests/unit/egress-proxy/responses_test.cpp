// Responses: exactly framed, interim ones only where they belong, and what is none becomes a 502.
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <future>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Responses : public ProxyDoor {
 protected:
  void serve_always(const std::string& response) {
    serve_origin([response](const Peer& peer) {
      (void)peer.read_until(kEndOfHead);
      peer.send(response);
      peer.finish_sending();
      (void)peer.read_to_end();
    });
  }
};

TEST_F(Responses, of_two_readings_are_refused) {
  std::string response;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send(response);
    peer.finish_sending();
    (void)peer.read_to_end();
  });
  start({"example.com"});
  for (const char* head :
       {"SSH-2.0-x\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Cut: of"}) {
    response = head;
    EXPECT_THAT(answer_to(get("example.com")),
                AllOf(StartsWith("HTTP/1.1 502 "), HasSubstr("bad-response")))
        << head;
  }
}

TEST_F(Responses, cut_off_in_their_body_end_with_a_reset) {
  serve_always("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  start({"example.com"});
  EXPECT_THAT(answer_to(get("example.com")), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("RESET")));
  const json record = audit(1).at(0);
  EXPECT_EQ(record["error"], "upstream aborted");
}

TEST_F(Responses, of_malformed_chunks_end_with_a_reset) {
  serve_always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n");
  start({"example.com"});
  EXPECT_THAT(answer_to(get("example.com")), EndsWith("RESET"));
}

TEST_F(Responses, until_the_end_of_data_end_the_clients_connection_in_order) {
  serve_always("HTTP/1.0 200 OK\r\nX: 1\r\n\r\nall there is");
  start({"example.com"});
  EXPECT_EQ(answer_to(get("example.com") + get("example.com")),
            "HTTP/1.1 200 OK\r\nX: 1\r\nConnection: close\r\n\r\nall there is");
}

TEST_F(Responses, HTTP_07_interim_ones_are_relayed_but_no_100_that_nobody_asked_for) {
  serve_always(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  start({"example.com"});
  EXPECT_EQ(answer_to(get("example.com")),
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
  EXPECT_EQ(answer_to("GET http://example.com/ HTTP/1.0\r\n"
                      "Host: example.com\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

TEST_F(Responses, HTTP_07_interim_ones_without_end_are_refused) {
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "HTTP/1.1 102 Processing\r\n\r\n";
  serve_always(many);
  start({"example.com"});
  EXPECT_THAT(answer_to(get("example.com")), HasSubstr("HTTP/1.1 502 "));
}

TEST_F(Responses, HTTP_07_an_unknown_expectation_is_417_and_reaches_nobody) {
  start({"example.com"});
  EXPECT_THAT(answer_to("POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\n"
                        "Content-Length: 1\r\nExpect: 200-maybe\r\n\r\nx"),
              StartsWith("HTTP/1.1 417 "));
  EXPECT_EQ(audit(1).at(0)["rule"], "bad-request");
  EXPECT_EQ(lookups_, 0);
}

TEST_F(Responses, HTTP_07_a_client_waits_for_100_and_none_is_made_up) {
  std::promise<void> head_came;
  std::promise<void> client_waited;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    head_came.set_value();
    client_waited.get_future().get();
    peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    (void)peer.read_exactly(4);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "PUT http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  head_came.get_future().get();
  std::string none(1, '\0');
  EXPECT_LT(::recv(client.fd(), none.data(), 1, MSG_DONTWAIT), 0) << "an answer nobody gave";
  client_waited.set_value();
  EXPECT_EQ(client.read_until(kEndOfHead), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 OK\r\n"));
}

// An origin may answer before it has read the body (RFC 9112 §7.5): the client gets that answer and
// no other request of it is served on this connection.
TEST_F(Responses, HTTP_07_an_answer_before_the_body_ends_the_connection_after_it) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    peer.finish_sending();
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(
      "PUT http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 9\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_to_end(),
            "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
  client.send(get("example.com"));
  client.finish_sending();
  EXPECT_EQ(audit(1).at(0)["verdict"], "allow");
  EXPECT_EQ(dials_, 1);
}

TEST_F(Responses, a_client_that_sends_no_more_still_gets_its_answer) {
  std::promise<void> closed;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    closed.get_future().get();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer");
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com"));
  client.finish_sending();
  closed.set_value();
  EXPECT_THAT(client.read_to_end(), EndsWith("answer"));
}

TEST_F(Responses, a_client_that_is_reset_takes_the_request_back) {
  std::promise<void> head_came;
  std::promise<std::string> rest;
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    head_came.set_value();
    rest.set_value(peer.read_to_end());
  });
  start({"example.com"});
  Peer client = connect_to_proxy();
  client.send(get("example.com"));
  head_came.get_future().get();
  const linger reset{1, 0};
  ASSERT_EQ(::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
  client.close();
  EXPECT_EQ(rest.get_future().get(), "RESET");
  EXPECT_EQ(audit(1).at(0)["error"], "client aborted");
}

TEST_F(Responses, a_mebibyte_each_way_is_unchanged_with_a_length_and_in_chunks) {
  const std::string bulk(std::size_t{1024} * 1024, 'b');
  const std::string chunked = "100000\r\n" + bulk + "\r\n0\r\n\r\n";
  serve_origin([&](const Peer& peer) {
    const std::string head = peer.read_until(kEndOfHead);
    if (head.find("chunked") != std::string::npos) {
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                peer.read_exactly(chunked.size()));
    } else {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" +
                peer.read_exactly(bulk.size()));
    }
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const std::string put = "PUT http://example.com/ HTTP/1.1\r\nHost: example.com\r\n";
  const Peer client = connect_to_proxy();
  client.send(put + "Content-Length: 1048576\r\n\r\n" + bulk);
  EXPECT_THAT(read_response(client), EndsWith("\r\n\r\n" + bulk));
  client.send(put + "Transfer-Encoding: chunked\r\n\r\n" + chunked);
  (void)client.read_until(kEndOfHead);
  EXPECT_EQ(client.read_exactly(chunked.size()), chunked);
  const auto records = audit(2);
  EXPECT_GT(records[0]["bytesUp"], bulk.size());
  EXPECT_GT(records[1]["bytesDown"], chunked.size());
}

}  // namespace
}  // namespace awf::test
