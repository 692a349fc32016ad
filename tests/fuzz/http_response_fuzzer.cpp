// Any bytes as a response head: whatever our reader accepts and can frame, Boost.Beast's parser,
// which shares no code with it, reads identically, and what the client gets of it has the same end.
// A difference is where one origin could make up the answer of another.
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
#include "egress-proxy/forward_head.hpp"
#include "fuzz_input.hpp"
#include "net/http_response.hpp"

namespace {

namespace http = boost::beast::http;
using awf::net::ResponseFraming;
using awf::net::ResponseHead;
using Kind = ResponseFraming::Kind;

// Of the one thing in which we are laxer on purpose: Beast wants the space before an empty phrase.
std::string with_space_after_status(std::string_view head) {
  constexpr std::size_t kStatusEnd = 12;  // of "HTTP/1.1 200"
  std::string whole(head);
  if (whole[kStatusEnd] != ' ') whole.insert(kStatusEnd, 1, ' ');
  return whole;
}

void verify_other_parser_agrees(const ResponseHead& head, const ResponseFraming& framing,
                                std::string_view bytes, bool to_head) {
  const std::string whole = with_space_after_status(bytes);
  http::response_parser<http::empty_body> parser;
  parser.header_limit(2 * awf::net::kMaxResponseHeadBytes);
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.eager(false);
  parser.skip(to_head);
  boost::system::error_code error;
  const std::size_t taken = parser.put(boost::asio::buffer(whole), error);
  awf::verify(!error && parser.is_header_done(), "the other parser accepts it");
  awf::verify(taken == whole.size(), "the head ends at the same byte");
  const auto& other = parser.get();
  awf::verify(other.result_int() == head.status, "the same status");
  awf::verify(other.version() == 10 + head.minor_version, "the same version");
  // Where there is no phrase, Beast gives the usual one.
  awf::verify(head.reason.empty() || other.reason() == head.reason, "the same phrase");
  awf::fuzz::verify_same_fields(head.fields, other);
  awf::verify(framing.kind == Kind::kNone || !to_head, "an answer to HEAD has no body");
  if (framing.kind == Kind::kNone) return;
  awf::verify(parser.chunked() == (framing.kind == Kind::kChunked), "the same coding");
  const auto length = parser.content_length();
  awf::verify(length.has_value() == (framing.kind == Kind::kLength), "a length or none");
  if (length) awf::verify(*length == framing.length, "the same length");
  awf::verify(parser.need_eof() == (framing.kind == Kind::kUntilClose), "an end by closing");
}

// The client's reader must find the end where we did.
void verify_passed_on(const ResponseHead& head, const ResponseFraming& framing,
                      std::string_view method) {
  const bool goes_on = framing.kind != Kind::kUntilClose;
  const std::string passed = awf::egress::response_head(head, framing, goes_on);
  // Our own fields may take a head over the limit that we set for origins.
  if (passed.size() >= awf::net::kMaxResponseHeadBytes ||
      head.fields.size() + 2 > awf::net::kMaxResponseFields) {
    return;
  }
  const auto again = awf::net::read_response_head(passed);
  awf::verify(again && again->ok(), "what is passed on is a response head");
  awf::verify((*again)->size == passed.size() && (*again)->status == head.status,
              "what is passed on is the same response");
  const auto end = awf::net::response_framing(**again, method);
  awf::verify(end.ok() && end->kind == framing.kind && end->length == framing.length,
              "what is passed on ends at the same byte");
  awf::verify(awf::egress::origin_goes_on(**again) == goes_on,
              "the connection goes on where its end is not the body's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first byte chooses what was asked.
  const bool to_head = (data[0] & 1U) != 0;
  const std::string_view method = to_head ? "HEAD" : "GET";
  const auto bytes = awf::fuzz::as_text(data, size).substr(1);
  const auto read = awf::net::read_response_head(bytes);
  if (!read) {
    awf::verify(bytes.size() < awf::net::kMaxResponseHeadBytes,
                "no head is waited for beyond the limit");
    return 0;
  }
  if (!read->ok()) {
    awf::verify(!read->error().empty(), "a refusal has a reason");
    return 0;
  }
  const ResponseHead& head = read->value();
  awf::verify(head.size <= bytes.size(), "a head ends in its bytes");
  const auto framing = awf::net::response_framing(head, method);
  if (!framing.ok()) return 0;
  verify_other_parser_agrees(head, *framing, bytes.substr(0, head.size), to_head);
  // 1xx are passed on by interim_head(), and 101 never.
  if (head.status >= 200) verify_passed_on(head, *framing, method);
  return 0;
}
