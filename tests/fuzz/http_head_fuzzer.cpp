// Any bytes as a request head: whatever our reader accepts, Boost.Beast's parser, which shares no
// code with it, reads identically. A difference is where a request could be smuggled.
#include <cstddef>
#include <cstdint>
#include <utility>

// <utility> has to come first (see net/asio.hpp).
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>
#include <string>

#include "beast_fields.hpp"
#include "common/check.hpp"
#include "fuzz_input.hpp"
#include "net/http_head.hpp"

namespace {

namespace http = boost::beast::http;
using awf::net::BodyFraming;
using awf::net::RequestHead;

void verify_other_parser_agrees(const RequestHead& head, std::string_view bytes) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(2 * awf::net::kMaxHeadBytes);
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.eager(false);
  boost::system::error_code error;
  const std::size_t taken = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  awf::verify(!error && parser.is_header_done(), "the other parser accepts it");
  awf::verify(taken == head.size, "the head ends at the same byte");
  const auto& other = parser.get();
  awf::verify(other.method_string() == head.method, "the same method");
  awf::verify(other.target() == head.target, "the same target");
  awf::verify(other.version() == 10 + head.minor_version, "the same version");
  awf::fuzz::verify_same_fields(head.fields, other);
  awf::verify(parser.chunked() == (head.body.kind == BodyFraming::Kind::kChunked),
              "the same coding");
  const auto length = parser.content_length();
  awf::verify(length.has_value() == (head.body.kind == BodyFraming::Kind::kLength),
              "a length or none");
  if (length) awf::verify(*length == head.body.length, "the same length");
}

void verify_authority(std::string_view text) {
  const auto authority = awf::net::read_authority(text);
  if (!authority) return;
  std::string again = authority->bracketed ? "[" + authority->host + "]" : authority->host;
  if (authority->port) again += ":" + std::to_string(*authority->port);
  awf::verify(again == text, "an authority is exactly its host and port");
}

void verify_target(std::string_view text) {
  const auto target = awf::net::read_absolute_target(text);
  if (!target) return;
  awf::verify(!target->origin_form.empty() && target->origin_form.front() == '/',
              "a path starts with '/'");
  awf::verify(target->origin_form.find_first_of("#\\ \r\n") == std::string::npos,
              "a path has no fragment, backslash or white space");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = awf::fuzz::as_text(data, size);
  verify_authority(bytes);
  verify_target(bytes);
  const auto head = awf::net::read_request_head(bytes);
  if (!head) {
    awf::verify(size < awf::net::kMaxHeadBytes, "no head is waited for beyond the limit");
    return 0;
  }
  if (!head->ok()) {
    awf::verify(!head->error().empty(), "a refusal has a reason");
    return 0;
  }
  const RequestHead& read = head->value();
  awf::verify(read.size <= size && read.size <= awf::net::kMaxHeadBytes,
              "a head ends in its bytes");
  verify_other_parser_agrees(read, bytes.substr(0, read.size));
  verify_target(read.target);
  if (const std::string* host = read.field("host")) verify_authority(*host);
  return 0;
}
