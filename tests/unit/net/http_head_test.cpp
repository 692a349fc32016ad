#include "net/http_head.hpp"

#include <gtest/gtest.h>

namespace awf::net {
namespace {

using Kind = BodyFraming::Kind;

std::string request(std::string_view fields, std::string_view line = "POST /a HTTP/1.1") {
  return std::string(line) + "\r\nHost: a.example\r\n" + std::string(fields) + "\r\n";
}

void expect_refused(std::string_view bytes) {
  const auto head = read_request_head(bytes);
  ASSERT_TRUE(head.has_value()) << bytes;
  EXPECT_FALSE(head->ok()) << bytes;
}

RequestHead accepted(std::string_view bytes) {
  auto head = read_request_head(bytes);
  if (!head || !head->ok()) {
    ADD_FAILURE() << bytes << ": " << (head ? head->error() : "needs more");
    return {};
  }
  return std::move(*head).value();
}

TEST(HttpHead, reads_a_request) {
  const std::string bytes =
      "GET http://a.example/x?y HTTP/1.1\r\nHost: a.example\r\nX-Empty:\r\nAccept:  */* \t\r\n\r\n";
  const RequestHead head = accepted(bytes + "next");
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "http://a.example/x?y");
  EXPECT_EQ(head.minor_version, 1U);
  EXPECT_EQ(head.size, bytes.size());
  EXPECT_EQ(head.body.kind, Kind::kNone);
  ASSERT_NE(head.field("ACCEPT"), nullptr);
  EXPECT_EQ(*head.field("accept"), "*/*");
  EXPECT_EQ(*head.field("x-empty"), "");
  EXPECT_EQ(head.field("cookie"), nullptr);
}

TEST(HttpHead, every_prefix_needs_more) {
  const std::string whole = request("Content-Length: 5\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_request_head(std::string_view(whole).substr(0, size)).has_value()) << size;
  }
  EXPECT_TRUE(read_request_head(whole).has_value());
}

TEST(HttpHead, HTTP_04_framing_is_read_from_one_plain_field) {
  EXPECT_EQ(accepted(request("Content-Length: 5\r\n")).body.length, 5U);
  EXPECT_EQ(accepted(request("content-length: 0\r\n")).body.kind, Kind::kLength);
  EXPECT_EQ(accepted(request("Transfer-Encoding: chunked\r\n")).body.kind, Kind::kChunked);
  EXPECT_EQ(accepted(request("")).body.kind, Kind::kNone);
}

TEST(HttpHead, HTTP_04_every_ambiguous_framing_is_refused) {
  for (const char* fields : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",  // CL.TE
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",  // TE.CL
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-encoding: x\r\n",  // TE.TE
           "Transfer-Encoding: xchunked\r\n",
           "Transfer-Encoding: chunked, identity\r\n",
           "Transfer-Encoding: gzip, chunked\r\n",
           "Transfer-Encoding: \vchunked\r\n",
           "Transfer-Encoding: Chunked\r\n",
           "Transfer-Encoding: \"chunked\"\r\n",
           "Transfer-Encoding:\r\n",
           "Transfer-Encoding : chunked\r\n",
           "Transfer-Encoding\r\n : chunked\r\n",
           "Transfer_Encoding: chunked\r\n",
           "Content_Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: -5\r\n",
           "Content-Length: 05\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: 5 5\r\n",
           "Content-Length: 5.0\r\n",
           "Content-Length:\r\n",
           "Content-Length: 9223372036854775808\r\n",
           "Content-Length: 18446744073709551621\r\n",
       }) {
    expect_refused(request(fields));
  }
}

TEST(HttpHead, HTTP_04_a_body_where_none_is_defined_is_refused) {
  expect_refused(request("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"));
  expect_refused(request("Content-Length: 1\r\n", "CONNECT a.example:443 HTTP/1.1"));
  expect_refused(request("Transfer-Encoding: chunked\r\n", "CONNECT a.example:443 HTTP/1.1"));
  expect_refused(request("Content-Length: 1\r\n", "TRACE / HTTP/1.1"));
  EXPECT_EQ(accepted(request("Content-Length: 0\r\n", "CONNECT a.example:443 HTTP/1.1")).method,
            "CONNECT");
}

TEST(HttpHead, HTTP_04_line_ends_and_white_space_have_one_form) {
  for (const std::string& bytes : {
           std::string("GET / HTTP/1.1\nHost: a\n\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\n\n"),
           request("X: a\rb\r\n"),
           request("X: a\r\r\n"),
           request(" folded: x\r\n"),
           request("X: a\r\n\tfolded\r\n"),
           request("X : a\r\n"),
           request(": a\r\n"),
           request("no colon\r\n"),
           request("X\xc3\xa4: a\r\n"),
           request("X: a\x01\r\n"),
           request("X: a\x7f\r\n"),
           request(std::string("X: a\0b\r\n", 8)),
           request(std::string("X\0: b\r\n", 7)),
       }) {
    expect_refused(bytes);
  }
}

TEST(HttpHead, request_lines_have_one_form) {
  for (const char* line :
       {"GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET\t/ HTTP/1.1", "GET /",
        "GET / HTTP/2.0", "GET / HTTP/1.2", "GET / http/1.1", "GET / HTTP/1.10",
        "GET /\x80 HTTP/1.1", "GET /a b HTTP/1.1", "GET /\tb HTTP/1.1", " GET / HTTP/1.1",
        "G@T / HTTP/1.1", "PRI * HTTP/2.0", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1"}) {
    expect_refused(request("", line));
  }
  expect_refused("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(HttpHead, TLS_02_exactly_one_host) {
  expect_refused("GET / HTTP/1.1\r\n\r\n");
  expect_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n");
  expect_refused("GET / HTTP/1.0\r\nHost: a\r\nhOST: b\r\n\r\n");
  EXPECT_EQ(accepted("GET / HTTP/1.0\r\n\r\n").minor_version, 0U);
  EXPECT_EQ(accepted("GET / HTTP/1.0\r\nHost: a\r\n\r\n").fields.size(), 1U);
}

// Found by fuzzing: another parser refuses such a list, and so names other fields as hop-by-hop.
TEST(HttpHead, HTTP_13_connection_is_a_list_of_tokens) {
  for (const std::string_view list :
       {"close", "keep-alive, Upgrade", "a,,b ,\tc", "", ",", "x-field"}) {
    (void)accepted(request("Connection: " + std::string(list) + "\r\n"));
  }
  for (const std::string_view list :
       {"keep alive", "a, b c", "upgrade: websocket", "\"close\"", "a;b", "close/1", "a, \xe9"}) {
    for (const std::string_view name : {"Connection: ", "proxy-connection: ", "Proxy_Connection: "})
      expect_refused(request(std::string(name) + std::string(list) + "\r\n"));
  }
}

TEST(HttpHead, what_is_not_http_is_known_at_once) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01"), std::string("\r\n"), std::string(" GET"), std::string(1, '\0'),
        std::string("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"), std::string(33, 'A')}) {
    expect_refused(bytes);
  }
}

TEST(HttpHead, limits_refuse_rather_than_cut) {
  std::string many;
  for (std::size_t i = 0; i < kMaxFields - 1; ++i)
    many += "X: y\r\n";
  EXPECT_EQ(accepted(request(many)).fields.size(), kMaxFields);
  expect_refused(request(many + "X: y\r\n"));
  const std::string endless = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kMaxHeadBytes, 'a');
  EXPECT_FALSE(read_request_head(endless.substr(0, kMaxHeadBytes - 1)).has_value());
  expect_refused(endless.substr(0, kMaxHeadBytes));
  expect_refused(endless + "\r\n\r\n");
}

TEST(HttpHead, many_line_ends_without_an_end_are_refused_early) {
  std::string lines = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kMaxFields + 1; ++i)
    lines += "a:\r\n";
  expect_refused(lines);
}

}  // namespace
}  // namespace awf::net
