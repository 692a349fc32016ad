#include "egress-proxy/http_reply.hpp"

#include <nlohmann/json.hpp>

namespace awf::egress {
namespace {

std::string_view phrase_of(unsigned status) noexcept {
  switch (status) {
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 408:
      return "Request Timeout";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 502:
      return "Bad Gateway";
    case 504:
      return "Gateway Timeout";
    default:
      return "Error";
  }
}

// The reasons are ours, but they hold rules that a person wrote: a header takes printable ASCII.
std::string header_text(std::string_view text) {
  std::string out;
  for (const char c : text)
    out.push_back(c >= 0x20 && c < 0x7F ? c : '?');
  return out;
}

std::string reply(unsigned status, std::string_view reason, const nlohmann::ordered_json& body) {
  const std::string text =
      body.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(phrase_of(status)) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
         "\r\nCache-Control: no-store\r\nConnection: close\r\nX-AWF-Reason: " +
         header_text(reason) + "\r\n\r\n" + text;
}

}  // namespace

std::string connect_reply() {
  return "HTTP/1.1 200 Connection established\r\n\r\n";
}

std::string error_reply(const ProxyError& error) {
  nlohmann::ordered_json body;
  body["error"] = error.code;
  if (!error.rule.empty()) body["rule"] = error.rule;
  body["reason"] = error.reason;
  return reply(error.status, error.reason, body);
}

std::string denied_reply(const Target& target, std::string_view rule) {
  nlohmann::ordered_json body;
  const std::string reason = target.text() + " is not allowed by the policy of this run";
  body["error"] = "denied";
  body["rule"] = rule;
  body["reason"] = reason;
  const bool usual_port = target.port == 80 || target.port == 443;
  body["request"] = target.host_text() == policy::kHostAlias
                        ? "--enable-host-access " + policy::option_for_host_port(target.port)
                        : "--allow-domains " + (usual_port ? target.host_text() : target.text());
  return reply(403, reason, body);
}

}  // namespace awf::egress
