#include "net/http_response.hpp"

#include <gtest/gtest.h>

#include "net/limits.hpp"

namespace awf::net {
namespace {

using Kind = ResponseFraming::Kind;

ResponseHead accepted(const std::string& bytes) {
  auto head = read_response_head(bytes);
  if (!head || !head->ok()) {
    ADD_FAILURE() << bytes << ": " << (head ? head->error() : "needs more");
    return {};
  }
  return std::move(*head).value();
}

bool is_refused(const std::string& bytes) {
  const auto head = read_response_head(bytes);
  return head && !head->ok();
}

std::string response(const std::string& fields, const std::string& line = "HTTP/1.1 200 OK") {
  return line + "\r\n" + fields + "\r\n";
}

TEST(HttpResponse, reads_a_response) {
  const std::string bytes = "HTTP/1.1 404 Not Found\r\nServer: x\r\nX-Empty:\r\n\r\n";
  const ResponseHead head = accepted(bytes + "body");
  EXPECT_EQ(head.status, 404U);
  EXPECT_EQ(head.minor_version, 1U);
  EXPECT_EQ(head.reason, "Not Found");
  EXPECT_EQ(head.size, bytes.size());
  ASSERT_EQ(head.fields.size(), 2U);
  EXPECT_EQ(head.fields[0].value, "x");
}

TEST(HttpResponse, the_reason_phrase_may_be_absent) {
  EXPECT_EQ(accepted("HTTP/1.0 200\r\n\r\n").minor_version, 0U);
  EXPECT_EQ(accepted("HTTP/1.1 200 \r\n\r\n").reason, "");
}

TEST(HttpResponse, every_prefix_needs_more) {
  const std::string whole = response("Content-Length: 5\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_response_head(std::string_view(whole).substr(0, size)).has_value()) << size;
  }
}

TEST(HttpResponse, lines_have_one_form) {
  for (const std::string& bytes : {
           response("", "HTTP/2 200 OK"),
           response("", "HTTP/1.2 200 OK"),
           response("", "http/1.1 200 OK"),
           response("", "HTTP/1.1  200 OK"),
           response("", "HTTP/1.1 20 OK"),
           response("", "HTTP/1.1 2000 OK"),
           response("", "HTTP/1.1 099 OK"),
           response("", "HTTP/1.1 -20 OK"),
           response("", "HTTP/1.1 200\tOK"),
           response("", "HTTP/1.1 200 O\x01K"),
           response("", "HTTP/1.1"),
           std::string("HTTP/1.1 200 OK\n\n"),
           std::string("HTTP/1.1 200 OK\r\nX: a\n\r\n"),
           response("X: a\rb\r\n"),
           response(" folded\r\n"),
           response("X : a\r\n"),
           response("no colon\r\n"),
           response(std::string("X: a\0b\r\n", 8)),
           std::string("220 smtp.example ESMTP\r\n"),
       }) {
    EXPECT_TRUE(is_refused(bytes)) << bytes;
  }
}

// Found by fuzzing: another parser refuses such a list, and so names other fields as hop-by-hop.
TEST(HttpResponse, HTTP_13_connection_is_a_list_of_tokens) {
  for (const char* list : {"close", "keep-alive, Upgrade", "a,,b ,\tc", "", ","})
    (void)accepted(response("Connection: " + std::string(list) + "\r\n"));
  for (const char* list : {"keep alive", "cl/se", "timeout=5; max=9", "a, \xe9"}) {
    for (const char* name : {"Connection: ", "Proxy-Connection: "})
      EXPECT_TRUE(is_refused(response(name + std::string(list) + "\r\n"))) << name << list;
  }
}

TEST(HttpResponse, limits_refuse_rather_than_cut) {
  std::string many;
  for (std::size_t i = 0; i < kMaxResponseFields; ++i)
    many += "X: y\r\n";
  EXPECT_EQ(accepted(response(many)).fields.size(), kMaxResponseFields);
  EXPECT_TRUE(is_refused(response(many + "X: y\r\n")));
  EXPECT_TRUE(is_refused("HTTP/1.1 200 OK\r\nX: " + std::string(kMaxResponseHeadBytes, 'a')));
}

TEST(ResponseFraming, follows_the_request_the_status_and_one_plain_field) {
  const auto framing = [](const std::string& fields, const std::string& method = "GET",
                          const std::string& line = "HTTP/1.1 200 OK") {
    return response_framing(accepted(response(fields, line)), method);
  };
  EXPECT_EQ(framing("Content-Length: 5\r\n")->length, 5U);
  EXPECT_EQ(framing("Content-Length: 0\r\n")->kind, Kind::kLength);
  EXPECT_EQ(framing("Transfer-Encoding: Chunked\r\n")->kind, Kind::kChunked);
  EXPECT_EQ(framing("")->kind, Kind::kUntilClose);
  EXPECT_EQ(framing("Content-Length: 5\r\n", "HEAD")->kind, Kind::kNone);
  for (const char* line : {"HTTP/1.1 204 No", "HTTP/1.1 304 Not", "HTTP/1.1 103 Early"}) {
    EXPECT_EQ(framing("Content-Length: 5\r\n", "GET", line)->kind, Kind::kNone) << line;
  }
}

TEST(ResponseFraming, HTTP_04_every_ambiguous_framing_is_refused) {
  for (const char* fields : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "content-length: 5\r\nCONTENT-LENGTH: 6\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: gzip, chunked\r\n",
           "Transfer-Encoding: identity\r\n",
           "Transfer-Encoding:\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: 05\r\n",
           "Content-Length:\r\n",
           "Content-Length: 9223372036854775808\r\n",
       }) {
    for (const char* method : {"GET", "HEAD"}) {
      EXPECT_FALSE(response_framing(accepted(response(fields)), method)) << method << fields;
    }
  }
  EXPECT_FALSE(response_framing(
      accepted(response("Transfer-Encoding: chunked\r\n", "HTTP/1.0 200 OK")), "GET"));
}

}  // namespace
}  // namespace awf::net
