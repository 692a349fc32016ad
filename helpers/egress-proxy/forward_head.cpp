#include "egress-proxy/forward_head.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "common/text.hpp"
#include "egress-proxy/checks.hpp"

namespace awf::egress {
namespace {

// RFC 9110 §7.6.1 and the fields that we write ourselves. Trailer and TE go with the chunk
// trailers, which net::ChunkedBody refuses.
constexpr std::array<std::string_view, 9> kDropped{
    "connection",     "keep-alive",    "te", "trailer", "upgrade", "host", "transfer-encoding",
    "http2-settings", "content-length"};

std::vector<std::string> tokens_of(const net::RequestHead& head, std::string_view name) {
  std::vector<std::string> tokens;
  for (const auto& field : head.fields) {
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

std::string framing_field(const net::BodyFraming& body) {
  switch (body.kind) {
    case net::BodyFraming::Kind::kNone:
      return {};
    case net::BodyFraming::Kind::kLength:
      return "Content-Length: " + std::to_string(body.length) + "\r\n";
    case net::BodyFraming::Kind::kChunked:
      return "Transfer-Encoding: chunked\r\n";
  }
  return {};
}

}  // namespace

bool asks_for_websocket(const net::RequestHead& head) {
  const auto upgrade = tokens_of(head, "upgrade");
  return head.method == "GET" && head.minor_version == 1 &&
         head.body.kind == net::BodyFraming::Kind::kNone && upgrade.size() == 1 &&
         upgrade.front() == "websocket" && has(tokens_of(head, "connection"), "upgrade");
}

Result<std::string> origin_form_of(const net::RequestHead& head, const Target& target) {
  if (head.target.starts_with('/')) return head.target;
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
  const auto connection = tokens_of(head, "connection");
  std::string out = head.method + " ";
  out.append(origin_form);
  out += head.minor_version == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
  out += "Host: " + host_value(target) + "\r\n";
  for (const auto& field : head.fields) {
    if (is_dropped(ascii_lower(field.name), connection)) continue;
    out += field.name + ": " + field.value + "\r\n";
  }
  out += framing_field(head.body);
  out += asks_for_websocket(head) ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                  : "Connection: close\r\n\r\n";
  return out;
}

}  // namespace awf::egress
