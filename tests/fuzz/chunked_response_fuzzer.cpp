// Any bytes as the chunked body of a response, with extensions and trailer fields: its end does not
// depend on how the bytes are cut, and a plain reader of lines and sizes finds the same end. What
// Boost.Beast's parser reads to its end, too, ends at the same byte; Beast is stricter about
// what an extension or a trailer field looks like.
#include <cstddef>
#include <cstdint>
#include <utility>

// <utility> has to come first (see net/asio.hpp).
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <limits>
#include <optional>
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

// The size at the start of a line, before an extension.
std::uint64_t size_of(std::string_view line) {
  std::uint64_t size = 0;
  const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  awf::verify(fault == std::errc{}, "a chunk begins with its size");
  awf::verify(end == line.data() + line.size() || *end == ';', "the size ends its line");
  return size;
}

// Where the body ends for a reader that has all of it. `bytes` is known to be whole.
std::size_t end_for_a_plain_reader(std::string_view bytes) {
  std::size_t at = 0;
  const auto take_line = [&] {
    const std::size_t end = bytes.find("\r\n", at);
    awf::verify(end != std::string_view::npos, "every line ends");
    const std::string_view line = bytes.substr(at, end - at);
    awf::verify(line.find_first_of("\r\n") == std::string_view::npos, "no bare CR or LF");
    at = end + 2;
    return line;
  };
  while (const std::uint64_t size = size_of(take_line())) {
    awf::verify(size <= bytes.size() - at, "a chunk is whole");
    at += static_cast<std::size_t>(size);
    awf::verify(take_line().empty(), "a chunk ends with its line");
  }
  while (!take_line().empty()) {
  }
  return at;
}

void verify_other_parser_agrees(std::string_view body) {
  const std::string message =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
  http::response_parser<http::string_body> parser;
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.eager(true);
  boost::system::error_code error;
  std::size_t taken = 0;
  while (!error && !parser.is_done() && taken < message.size()) {
    taken += parser.put(boost::asio::buffer(message.data() + taken, message.size() - taken), error);
  }
  if (error) return;
  awf::verify(parser.is_done() && taken == message.size(), "both end at the same byte");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = awf::fuzz::as_text(data, size).substr(1);
  ChunkedBody whole(ChunkedBody::Of::kResponse);
  const std::size_t taken = feed(whole, bytes, bytes.size());
  ChunkedBody pieces(ChunkedBody::Of::kResponse);
  // The first byte chooses the size of the pieces.
  awf::verify(feed(pieces, bytes, 1 + data[0] % 16U) == taken, "pieces end where the whole does");
  awf::verify(pieces.state() == whole.state(), "pieces read as the whole does");
  awf::verify((whole.state() == State::kMalformed) != whole.error().empty(),
              "a fault has a reason");
  // What a request may have, a response may have too, with the same meaning.
  ChunkedBody strict(ChunkedBody::Of::kRequest);
  const std::size_t strict_taken = feed(strict, bytes, bytes.size());
  if (strict.state() == State::kEnded) {
    awf::verify(whole.state() == State::kEnded && strict_taken == taken,
                "a body without extras ends at the same byte in both");
  }
  if (whole.state() != State::kEnded) return 0;
  awf::verify(end_for_a_plain_reader(bytes.substr(0, taken)) == taken,
              "a plain reader ends at the same byte");
  verify_other_parser_agrees(bytes.substr(0, taken));
  return 0;
}
