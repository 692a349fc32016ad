// Several requests of one client connection: each is judged, looked up and dialled by itself.
#include <gmock/gmock.h>

#include <atomic>

#include "doors_steps.hpp"

namespace awf::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class KeepAlive : public ProxyDoor {
 protected:
  KeepAlive() { addresses_["other.org"] = {"127.0.0.1"}; }
};

TEST_F(KeepAlive, HTTP_06_an_allowed_request_does_not_authorise_the_next) {
  serve_origin(reflect_heads);
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com"));
  EXPECT_THAT(read_response(client), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                           HasSubstr("\r\nConnection: keep-alive\r\n")));
  client.send(get("evil.net"));
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 403 "));
  const auto records = audit(2);
  EXPECT_EQ(records[0]["name"], "example.com");
  EXPECT_EQ(records[0]["verdict"], "allow");
  EXPECT_EQ(records[1]["name"], "evil.net");
  EXPECT_EQ(records[1]["verdict"], "deny");
  EXPECT_TRUE(records[1]["address"].is_null());
  EXPECT_EQ(records[1]["bytesUp"], 0);
  EXPECT_EQ(lookups_, 1);
}

TEST_F(KeepAlive, HTTP_06_pipelined_requests_are_served_in_order_and_each_judged) {
  serve_origin(reflect_heads);
  start({"example.com", "other.org"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com", "/1") + get("other.org", "/2") + get("example.com", "/3") +
              get("evil.net", "/4") + get("example.com", "/5"));
  EXPECT_THAT(read_response(client), HasSubstr("GET /1 HTTP/1.1\r\nHost: example.com\r\n"));
  EXPECT_THAT(read_response(client), HasSubstr("GET /2 HTTP/1.1\r\nHost: other.org\r\n"));
  EXPECT_THAT(read_response(client), HasSubstr("GET /3 HTTP/1.1\r\nHost: example.com\r\n"));
  EXPECT_THAT(client.read_to_end(), AllOf(StartsWith("HTTP/1.1 403 "), Not(HasSubstr("/5"))));
  EXPECT_EQ(lookups_, 3) << "another host in between gives the connection up";
  EXPECT_EQ(dials_, 3);
}

TEST_F(KeepAlive, requests_for_one_origin_share_its_connection) {
  serve_origin(reflect_heads);
  start({"example.com"});
  const Peer client = connect_to_proxy();
  for (const char* path : {"/1", "/2", "/3"}) {
    client.send(get("example.com", path));
    EXPECT_THAT(read_response(client), HasSubstr("GET " + std::string(path) + " "));
  }
  EXPECT_EQ(dials_, 1);
  const auto records = audit(3);
  EXPECT_EQ(records[2]["address"], "127.0.0.1");
  EXPECT_GT(records[2]["bytesDown"], 0);
}

TEST_F(KeepAlive, HTTP_04_a_request_with_a_body_gets_a_connection_of_its_own) {
  serve_origin([](const Peer& peer) {
    reflect_heads(peer);  // reads the body of a POST as the head of another request
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com"));
  EXPECT_THAT(read_response(client), HasSubstr("GET / "));
  client.send(
      "POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(read_response(client),
              AllOf(HasSubstr("POST / "), HasSubstr("\r\nConnection: close\r\n\r\n")));
  client.send(get("example.com"));
  EXPECT_THAT(read_response(client), HasSubstr("GET / "));
  EXPECT_EQ(dials_, 3);
}

TEST_F(KeepAlive, an_origin_that_closed_between_two_requests_is_dialled_again) {
  serve_origin([](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  for (int i = 0; i < 3; ++i) {
    client.send(get("example.com"));
    EXPECT_THAT(read_response(client), EndsWith("ok"));
  }
  EXPECT_EQ(dials_, 3);
}

// It would be taken for the answer to the next request, whoever that is for.
TEST_F(KeepAlive, HTTP_06_what_an_origin_sends_behind_its_response_is_nobodys) {
  serve_origin([](const Peer& peer) {
    const std::string head = peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nforged");
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  for (int i = 0; i < 2; ++i) {
    client.send(get("example.com"));
    EXPECT_THAT(read_response(client), EndsWith("\r\n\r\nok"));
  }
  EXPECT_EQ(dials_, 2);
}

TEST_F(KeepAlive, responses_without_a_body_end_with_their_head) {
  const std::vector<std::string> responses{"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n",
                                           "HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n",
                                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
  serve_origin([&](const Peer& peer) {
    for (const auto& response : responses) {
      (void)peer.read_until(kEndOfHead);
      peer.send(response);
    }
    reflect_heads(peer);
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com"));
  EXPECT_EQ(client.read_until(kEndOfHead),
            "HTTP/1.1 204 No Content\r\nX: 1\r\nConnection: keep-alive\r\n\r\n");
  client.send(get("example.com"));
  EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 304 Not\r\nContent-Length: 5"));
  client.send("HEAD http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_THAT(client.read_until(kEndOfHead), HasSubstr("Transfer-Encoding: chunked"));
  client.send(get("example.com", "/last"));
  EXPECT_THAT(read_response(client), HasSubstr("GET /last "));
  EXPECT_EQ(dials_, 1);
}

TEST_F(KeepAlive, a_chunked_response_ends_where_it_ends_with_its_trailers) {
  const std::string body = "5;x=y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n";
  serve_origin([&](const Peer& peer) {
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
              body.substr(0, 9));
    peer.send(body.substr(9));
    reflect_heads(peer);
  });
  start({"example.com"});
  const Peer client = connect_to_proxy();
  client.send(get("example.com") + get("example.com", "/next"));
  EXPECT_THAT(client.read_until(kEndOfHead), HasSubstr("Trailer: X-Sum\r\n"));
  EXPECT_EQ(client.read_exactly(body.size()), body);
  EXPECT_THAT(read_response(client), HasSubstr("GET /next "));
  EXPECT_EQ(dials_, 1);
}

TEST_F(KeepAlive, http_1_0_and_connection_close_end_after_one_answer) {
  serve_origin(reflect_heads);
  start({"example.com"});
  for (const std::string& request :
       {std::string("GET http://example.com/ HTTP/1.0\r\nHost: example.com\r\n\r\n"),
        std::string("GET http://example.com/ HTTP/1.0\r\nHost: example.com\r\n"
                    "Connection: keep-alive\r\n\r\n"),
        std::string("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n"
                    "Connection: close\r\n\r\n")}) {
    const Peer client = connect_to_proxy();
    client.send(request + get("example.com", "/second"));
    EXPECT_THAT(client.read_to_end(),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nConnection: close\r\n"),
                      Not(HasSubstr("/second")), Not(HasSubstr("RESET"))));
  }
}

TEST_F(KeepAlive, TLS_02_HTTP_06_each_request_of_an_intercepted_connection_names_the_host) {
  serve_origin(reflect_heads);
  start({"example.com", "other.org"});
  const Peer client = connect_intercepted(mapped_address("example.com"), 80);
  client.send("GET /1 HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_THAT(read_response(client), HasSubstr("GET /1 HTTP/1.1\r\nHost: example.com\r\n"));
  client.send("GET /2 HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_THAT(read_response(client), HasSubstr("GET /2 "));
  client.send("GET /3 HTTP/1.1\r\nHost: other.org\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 421 "));
  EXPECT_EQ(dials_, 1);
  const auto records = audit(3);
  EXPECT_EQ(records[1]["verdict"], "allow");
  EXPECT_EQ(records[2]["rule"], "http-host-mismatch");
  EXPECT_EQ(records[2]["name"], "example.com");
}

TEST_F(KeepAlive, HTTP_06_a_tunnel_may_follow_a_request_and_is_judged_by_itself) {
  addresses_["example.com"] = {"127.0.0.1"};
  serve_origin([](const Peer& peer) {
    const std::string start = peer.read_exactly(1);
    if (start == "\x16") return echo(peer);
    (void)peer.read_until(kEndOfHead);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    (void)peer.read_to_end();
  });
  start({"example.com"});
  const std::string hello = client_hello("example.com");
  {
    const Peer client = connect_to_proxy();
    client.send(get("example.com") + connect_request("example.com:443") + hello);
    EXPECT_THAT(read_response(client), EndsWith("ok"));
    EXPECT_THAT(client.read_until(kEndOfHead), StartsWith("HTTP/1.1 200 Connection"));
    EXPECT_EQ(client.read_exactly(hello.size() - 1), hello.substr(1));
  }
  const Peer other = connect_to_proxy();
  other.send(get("example.com") + connect_request("evil.net:443"));
  EXPECT_THAT(read_response(other), EndsWith("ok"));
  EXPECT_THAT(other.read_to_end(), StartsWith("HTTP/1.1 403 "));
}

TEST_F(KeepAlive, a_client_that_leaves_between_two_requests_is_no_news) {
  serve_origin(reflect_heads);
  start({"example.com"});
  {
    const Peer client = connect_to_proxy();
    client.send(get("example.com"));
    (void)read_response(client);
  }
  EXPECT_THAT(answer_to(get("evil.net")), StartsWith("HTTP/1.1 403 "));
  EXPECT_EQ(audit(2).at(1)["name"], "evil.net");
}

}  // namespace
}  // namespace awf::test
