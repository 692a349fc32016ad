#include "egress-proxy/forward_head.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "common/text.hpp"
#include "egress-proxy/checks.hpp"

namespace awf::egress {
namespace {

// RFC 9110 §7.6.1 and the fields that we write ourselves. Trailer and TE go with the chunk
// trailers, which net::ChunkedBody refuses in requests.
constexpr std::array<std::string_view, 10> kDropped{
    "connection",     "keep-alive",     "te",    "trailer", "upgrade", "host", "transfer-encoding",
    "http2-settings", "content-length", "expect"};

using Fields = std::vector<net::HeaderField>;

std::vector<std::string> tokens_of(const Fields& fields, std::string_view name) {
  std::vector<std::string> tokens;
  for (const auto& field : fields) {
    if (ascii_lower(field.name) != name) continue;
    for (const auto token : split(field.value, ','))
      tokens.push_back(ascii_lower(trimmed(token)));
  }
  return tokens;
}

template <typename Words>
bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What Connection names is meant for this hop alone and stops here, whatever it is: a client that
// names Authorization there only takes it from its own request.
bool is_dropped(const std::string& lower_name, const std::vector<std::string>& connection) {
  return has(kDropped, lower_name) || lower_name.starts_with("proxy-") ||
         has(connection, lower_name);
}

std::string host_value(const Target& target) {
  if (target.port != 80) return target.text();
  const std::string text = target.text();
  return text.substr(0, text.rfind(':'));
}

constexpr std::string_view kChunkedField = "Transfer-Encoding: chunked\r\n";

std::string length_field(std::uint64_t length) {
  return "Content-Length: " + std::to_string(length) + "\r\n";
}

std::string framing_field(const net::BodyFraming& body) {
  switch (body.kind) {
    case net::BodyFraming::Kind::kNone:
      return {};
    case net::BodyFraming::Kind::kLength:
      return length_field(body.length);
    case net::BodyFraming::Kind::kChunked:
      return std::string(kChunkedField);
  }
  return {};
}

bool has_body(const net::BodyFraming& body) noexcept {
  return body.kind == net::BodyFraming::Kind::kChunked || body.length > 0;
}

// Fields of a response that are for one hop. Its length and coding say where the body ends, so they
// are dropped only where we write them ourselves.
bool is_dropped_of_response(const std::string& lower_name, const std::vector<std::string>& named,
                            bool has_framing) {
  const bool frames = lower_name == "content-length" || lower_name == "transfer-encoding";
  if (frames) return has_framing;
  return lower_name == "connection" || lower_name == "keep-alive" || lower_name == "upgrade" ||
         lower_name.starts_with("proxy-") || has(named, lower_name);
}

std::string status_and_fields(const net::ResponseHead& head, bool has_framing) {
  const auto named = tokens_of(head.fields, "connection");
  std::string out = "HTTP/1.1 " + std::to_string(head.status) + " " + head.reason + "\r\n";
  for (const auto& field : head.fields) {
    if (is_dropped_of_response(ascii_lower(field.name), named, has_framing)) continue;
    out += field.name + ": " + field.value + "\r\n";
  }
  return out;
}

}  // namespace

bool asks_for_websocket(const net::RequestHead& head) {
  const auto upgrade = tokens_of(head.fields, "upgrade");
  return head.method == "GET" && head.minor_version == 1 &&
         head.body.kind == net::BodyFraming::Kind::kNone && upgrade.size() == 1 &&
         upgrade.front() == "websocket" && has(tokens_of(head.fields, "connection"), "upgrade");
}

Expectation expectation_of(const net::RequestHead& head) {
  std::size_t count = 0;
  bool known = true;
  for (const auto& field : head.fields) {
    if (ascii_lower(field.name) != "expect") continue;
    ++count;
    known = known && ascii_lower(field.value) == "100-continue";
  }
  if (count == 0) return Expectation::kNone;
  if (count > 1 || !known) return Expectation::kUnknown;
  return head.minor_version == 1 && has_body(head.body) ? Expectation::kContinue
                                                        : Expectation::kNone;
}

bool client_may_go_on(const net::RequestHead& head) {
  return head.minor_version == 1 && !has(tokens_of(head.fields, "connection"), "close") &&
         !has(tokens_of(head.fields, "proxy-connection"), "close");
}

bool is_repeatable(const net::RequestHead& head) {
  return (head.method == "GET" || head.method == "HEAD") &&
         head.body.kind == net::BodyFraming::Kind::kNone && !asks_for_websocket(head);
}

bool origin_may_go_on(const net::RequestHead& head) {
  return is_repeatable(head) && client_may_go_on(head);
}

Result<std::string> origin_form_of(const net::RequestHead& head, const Target& target) {
  if (head.target.starts_with('/')) {
    if (head.target.find_first_of("#\\") == std::string::npos) return head.target;
    return Error{"the request target has a fragment or a backslash"};
  }
  if (head.target == "*" && head.method == "OPTIONS") return head.target;
  auto absolute = net::read_absolute_target(head.target);
  if (!absolute) return Error{"the request target is neither a path nor an http URL"};
  if (!names_target(absolute->authority, target)) {
    return Error{"the request target names another place"};
  }
  return std::move(absolute).value().origin_form;
}

std::string forward_head(const net::RequestHead& head, std::string_view origin_form,
                         const Target& target) {
  const auto connection = tokens_of(head.fields, "connection");
  std::string out = head.method + " ";
  out.append(origin_form);
  out += head.minor_version == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
  out += "Host: " + host_value(target) + "\r\n";
  for (const auto& field : head.fields) {
    if (is_dropped(ascii_lower(field.name), connection)) continue;
    out += field.name + ": " + field.value + "\r\n";
  }
  if (expectation_of(head) == Expectation::kContinue) out += "Expect: 100-continue\r\n";
  out += framing_field(head.body);
  if (asks_for_websocket(head)) return out + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  out += origin_may_go_on(head) ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return out;
}

bool origin_goes_on(const net::ResponseHead& head) {
  return head.minor_version == 1 && !has(tokens_of(head.fields, "connection"), "close");
}

std::string response_head(const net::ResponseHead& head, const net::ResponseFraming& framing,
                          bool goes_on) {
  using Kind = net::ResponseFraming::Kind;
  std::string out = status_and_fields(head, framing.kind != Kind::kNone);
  if (framing.kind == Kind::kLength) out += length_field(framing.length);
  if (framing.kind == Kind::kChunked) out += kChunkedField;
  return out + (goes_on ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

std::string interim_head(const net::ResponseHead& head) {
  return status_and_fields(head, true) + "\r\n";
}

}  // namespace awf::egress
