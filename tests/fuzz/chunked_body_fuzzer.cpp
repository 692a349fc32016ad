// Any bytes as a chunked body: its end does not depend on how the bytes are cut, and what ends is
// read by Boost.Beast's parser, which shares no code with ours, to the same byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

// <utility> has to come first (see net/asio.hpp).
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <limits>
#include <string>

#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "net/chunked_body.hpp"

namespace {

namespace http = boost::beast::http;
using awf::net::ChunkedBody;
using State = ChunkedBody::State;

std::size_t feed(ChunkedBody& body, std::string_view bytes, std::size_t step) {
  std::size_t taken = 0;
  while (taken < bytes.size() && body.state() == State::kOpen) {
    const std::string_view piece = bytes.substr(taken, step);
    const std::size_t count = body.feed(piece);
    awf::verify(count <= piece.size(), "no more is taken than was given");
    awf::verify(count == piece.size() || body.state() != State::kOpen, "an open body takes all");
    taken += count;
  }
  return taken;
}

void verify_other_parser_agrees(std::string_view body) {
  const std::string message =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
  http::request_parser<http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.eager(true);
  boost::system::error_code error;
  std::size_t taken = 0;
  while (!error && !parser.is_done() && taken < message.size()) {
    taken += parser.put(boost::asio::buffer(message.data() + taken, message.size() - taken), error);
  }
  awf::verify(!error && parser.is_done() && taken == message.size(), "both end at the same byte");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = awf::fuzz::as_text(data, size).substr(1);
  ChunkedBody whole;
  const std::size_t taken = feed(whole, bytes, bytes.size());
  ChunkedBody pieces;
  // The first byte chooses the size of the pieces.
  awf::verify(feed(pieces, bytes, 1 + data[0] % 16U) == taken, "pieces end where the whole does");
  awf::verify(pieces.state() == whole.state(), "pieces read as the whole does");
  awf::verify((whole.state() == State::kMalformed) != whole.error().empty(),
              "a fault has a reason");
  if (whole.state() == State::kEnded) verify_other_parser_agrees(bytes.substr(0, taken));
  return 0;
}
