#include "egress-proxy/upstream_proxy.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace awf::egress {
namespace {

// Special-use names (RFC 6761, RFC 6762, RFC 8375, RFC 9476 and IANA's registry) and the endings
// that private networks took for themselves (RFC 6762 appendix G). metadata.google.internal and
// instance-data.ec2.internal end in one of them.
constexpr std::array<std::string_view, 15> kPrivateEndings{
    "localhost", "local", "localdomain", "internal", "home.arpa", "intranet", "private", "corp",
    "home",      "lan",   "invalid",     "test",     "example",   "onion",    "alt"};

bool is_at_or_below(std::string_view name, std::string_view domain) {
  return name == domain || (name.size() > domain.size() && name.ends_with(domain) &&
                            name[name.size() - domain.size() - 1] == '.');
}

// RFC 4648 §4.
std::string base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      const unsigned byte = k < count ? static_cast<unsigned char>(text[i + k]) : 0U;
      group = (group << 8U) | byte;
    }
    for (std::size_t k = 0; k < 4; ++k)
      out += k <= count ? kDigits[(group >> (18U - 6U * k)) & 0x3FU] : '=';
  }
  return out;
}

std::string authorization_of(const net::ServiceUrl& url) {
  if (url.credentials.empty()) return {};
  // parse_proxy_url has looked at them.
  const std::string decoded = net::decoded_credentials(url.credentials).value_or("");
  return "Proxy-Authorization: Basic " + base64(decoded) + "\r\n";
}

// The port that the scheme implies is not written (RFC 9110 §4.2.3).
std::string http_authority(const Target& target) {
  const std::string text = target.text();
  return target.port == 80 ? text.substr(0, text.rfind(':')) : text;
}

}  // namespace

UpstreamProxy::UpstreamProxy(net::ServiceUrl url, std::vector<policy::HostName> direct)
    : url_(std::move(url)), direct_(std::move(direct)), authorization_(authorization_of(url_)) {}

bool UpstreamProxy::serves(const Target& target) const {
  const auto* name = std::get_if<policy::HostName>(&target.host);
  if (name == nullptr) return true;
  return std::none_of(direct_.begin(), direct_.end(), [&](const policy::HostName& domain) {
    return is_at_or_below(name->text(), domain.text());
  });
}

std::optional<std::string> UpstreamProxy::refusal(const policy::HostName& name) {
  const std::string& text = name.text();
  const bool has_private_ending =
      std::any_of(kPrivateEndings.begin(), kPrivateEndings.end(),
                  [&](std::string_view ending) { return is_at_or_below(text, ending); });
  if (!has_private_ending && text.find('.') != std::string::npos) return std::nullopt;
  return text +
         " is no name of the internet and would lead into the upstream proxy's network; "
         "a domain of no_proxy is dialled directly";
}

std::string UpstreamProxy::connect_request(const Target& target) const {
  return "CONNECT " + target.text() + " HTTP/1.1\r\nHost: " + target.text() + "\r\n" +
         authorization_ + "\r\n";
}

std::string UpstreamProxy::relayed_request(const Target& target, std::string_view head) const {
  const auto method_end = std::min(head.find(' '), head.size() - 1) + 1;
  const auto line_end = std::min(head.find("\r\n"), head.size() - 2) + 2;
  const std::string_view path = head.substr(method_end, line_end - method_end);
  // "OPTIONS *" has no absolute form with a path (RFC 9112 §3.2.4).
  const std::size_t skipped = path.starts_with("* ") ? 1 : 0;
  return std::string(head.substr(0, method_end)) + "http://" + http_authority(target) +
         std::string(path.substr(skipped)) + authorization_ + std::string(head.substr(line_end));
}

}  // namespace awf::egress
