#include "net/chunked_body.hpp"

#include <gtest/gtest.h>

#include <string>

namespace awf::net {
namespace {

using State = ChunkedBody::State;

struct Outcome {
  State state;
  std::size_t taken;
};

Outcome fed(std::string_view bytes, std::size_t step,
            ChunkedBody::Of message = ChunkedBody::Of::kRequest) {
  ChunkedBody body(message);
  std::size_t taken = 0;
  while (taken < bytes.size() && body.state() == State::kOpen) {
    taken += body.feed(bytes.substr(taken, step));
  }
  EXPECT_EQ(body.state() == State::kMalformed, !body.error().empty());
  return {body.state(), taken};
}

TEST(ChunkedBody, ends_where_the_body_ends_however_it_is_cut) {
  const std::string body = "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n";
  const std::string bytes = body + "GET / HTTP/1.1\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const Outcome outcome = fed(bytes, step);
    EXPECT_EQ(outcome.state, State::kEnded) << step;
    EXPECT_EQ(outcome.taken, body.size()) << step;
  }
}

TEST(ChunkedBody, every_prefix_is_open) {
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(fed(body.substr(0, size), 3).state, State::kOpen) << size;
  }
}

TEST(ChunkedBody, zero_padding_and_upper_case_are_plain_hexadecimal) {
  EXPECT_EQ(fed("0005\r\nhello\r\n000\r\n\r\n", 64).state, State::kEnded);
  EXPECT_EQ(fed("0a\r\n0123456789\r\n0\r\n\r\n", 64).state, State::kEnded);
}

TEST(ChunkedBody, nothing_is_taken_after_the_end) {
  ChunkedBody body;
  EXPECT_EQ(body.feed("0\r\n\r\nmore"), 5U);
  EXPECT_EQ(body.feed("more"), 0U);
}

TEST(ChunkedBody, a_response_may_have_extensions_and_trailers_of_bounded_size) {
  const std::string body = "5 ;ext=\"1\"\r\nhello\r\n0;x\r\nX-Sum: y\r\nA:\r\n\r\n";
  const std::string plain = "5;ext=\"1\"\r\nhello\r\n0;x\r\nX-Sum: y\r\nA:\r\n\r\n";
  for (std::size_t step = 1; step <= plain.size(); ++step) {
    const Outcome outcome = fed(plain + "next", step, ChunkedBody::Of::kResponse);
    EXPECT_EQ(outcome.state, State::kEnded) << step;
    EXPECT_EQ(outcome.taken, plain.size()) << step;
  }
  const std::string endless(kMaxChunkExtras + 1, 'x');
  for (const std::string& bytes :
       {body, "5;" + endless, "0\r\n" + endless, std::string("0\r\nA: b\rc\r\n\r\n"),
        std::string("5;a\nhello\r\n"), std::string("0\r\nA: b\n\r\n"),
        std::string("0\r\nA\x01: b\r\n\r\n")}) {
    EXPECT_EQ(fed(bytes, 64, ChunkedBody::Of::kResponse).state, State::kMalformed) << bytes;
  }
}

TEST(ChunkedBody, HTTP_04_what_parsers_read_differently_is_malformed) {
  for (const char* bytes : {
           "\r\n",
           " 5\r\nhello\r\n",
           "5 \r\nhello\r\n",
           "5;ext\r\nhello\r\n",
           "5;a=b\r\nhello\r\n",
           "5\nhello\r\n",
           "5\r\r\nhello\r\n",
           "5\rhello\r\n",
           "5\r\nhello\n",
           "5\r\nhello\rx",
           "5\r\nhello0\r\n",
           "5\r\nhello!!\r\n",
           "5\r\nhello\r\r",
           "+5\r\nhello\r\n",
           "-5\r\nhello\r\n",
           "0x5\r\nhello\r\n",
           "g\r\n",
           "0\r\nX-Trailer: y\r\n\r\n",
           "0\n\r\n",
           "0\r\n\n",
           "0\r\n\r\r",
           "80000000\r\n",
           "ffffffffffffffff\r\n",
           "00000000000000005\r\n",
           "10000000000000000\r\n",
       }) {
    const std::string text = bytes;
    for (const std::size_t step : {std::size_t{1}, std::size_t{64}}) {
      const Outcome outcome = fed(text, step);
      EXPECT_EQ(outcome.state, State::kMalformed) << text;
      EXPECT_LT(outcome.taken, text.size()) << text;
    }
  }
}

}  // namespace
}  // namespace awf::net
