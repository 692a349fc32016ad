// The grammar of an entry. What cannot be enforced as it was meant is refused with the nearest form
// that can: an entry that silently never matches looks like a bug of the network, and one that is
// read otherwise than its author thinks is a hole.
#include "policy/policy_entry.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "common/text.hpp"

namespace awf::policy {
namespace {

constexpr std::size_t kMaxEntry = 1024;
constexpr std::size_t kNone = std::string_view::npos;

struct HostAndPort {
  std::string_view host;
  std::optional<std::uint16_t> port;
  bool bracketed = false;
};

std::optional<std::string> complaint_about_bytes(std::string_view text) {
  if (text.size() > kMaxEntry) return "is longer than any entry";
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f || std::string_view("\"'`;#\\").find(c) != kNone;
  });
  if (bad == text.end()) return std::nullopt;
  if (*bad == ' ' || *bad == '\t') return "contains white space; put a comma between entries";
  return "contains " + quoted(std::string_view(&*bad, 1)) +
         ", which stands in no host name; remove it";
}

// Takes "http://" or "https://" off the front.
Result<ServiceScope::Limit> take_scheme(std::string_view& text) {
  using Limit = ServiceScope::Limit;
  const auto end = text.find("://");
  if (end == kNone) return Limit::kNone;
  const std::string scheme = ascii_lower(text.substr(0, end));
  const std::string_view rest = text.substr(end + 3);
  if (scheme == "http" || scheme == "https") {
    text = rest;
    return scheme == "http" ? Limit::kHttp : Limit::kTls;
  }
  return Error{"has the prefix " + quoted(scheme + "://") +
               ", which limits nothing here; write http://HOST, https://HOST or HOST:PORT"};
}

Result<std::uint16_t> parse_port(std::string_view digits, std::string_view host) {
  const std::string shown(host);
  if (digits.empty()) {
    return Error{"has no port after ':'; write " + shown + " or " + shown + ":443"};
  }
  const auto port = parse_number<std::uint16_t>(digits);
  if (!port || *port == 0) {
    return Error{"has the port " + quoted(digits) + ", which is not between 1 and 65535"};
  }
  if (digits.front() == '0') {
    return Error{"has a port that starts with 0; write " + shown + ":" + std::to_string(*port)};
  }
  return *port;
}

// "[ADDRESS]" or "[ADDRESS]:PORT".
Result<HostAndPort> split_bracketed(std::string_view text) {
  const auto end = text.find(']');
  if (end == kNone) return Error{"has '[' without ']'; write [ADDRESS]:PORT"};
  HostAndPort parts{text.substr(1, end - 1), std::nullopt, true};
  const std::string_view rest = text.substr(end + 1);
  if (rest.empty()) return parts;
  if (rest.front() != ':') return Error{"has text after ']'; write [ADDRESS]:PORT"};
  auto port = parse_port(rest.substr(1), text.substr(0, end + 1));
  if (!port) return Error{port.error()};
  parts.port = *port;
  return parts;
}

Result<HostAndPort> split_host_and_port(std::string_view text) {
  if (text.starts_with('[')) return split_bracketed(text);
  const auto colon = text.find(':');
  if (colon == kNone) return HostAndPort{text, std::nullopt, false};
  if (text.find(':', colon + 1) != kNone) {
    return Error{"has more than one ':' and is no IPv6 address; write HOST:PORT or [ADDRESS]:PORT"};
  }
  auto port = parse_port(text.substr(colon + 1), text.substr(0, colon));
  if (!port) return Error{port.error()};
  return HostAndPort{text.substr(0, colon), *port, false};
}

// The parts of a URL that a host name does not have.
std::optional<std::string> complaint_about_url_parts(std::string_view text) {
  const auto path = text.find_first_of("/?");
  const auto at = text.find('@');
  if (at != kNone && at < path) {
    return "contains user information before '@'; write " + std::string(text.substr(at + 1, path));
  }
  if (path == kNone) return std::nullopt;
  return "contains a path or query, and URL rules need interception, which is not available; "
         "write " +
         std::string(text.substr(0, path));
}

std::optional<std::string> complaint_about_dots_and_stars(std::string_view host) {
  const bool has_star = host.find('*') != kNone;
  if (has_star && host.find_first_not_of("*.") == kNone) {
    return "covers every host; write the names that are meant, such as *.example.com";
  }
  if (host.find("..") != kNone) return "contains '..'; write one dot between labels";
  if (host.front() != '.' || host.size() == 1) return std::nullopt;
  const std::string name(host.substr(1));
  return "starts with '.'; write " + name + " for it and its subdomains, or *." + name +
         " for these alone";
}

// inet_aton(3) reads what a browser would: "127.1", "0x7f000001".
std::string hint_of_address(const std::string& host) {
  in_addr address{};
  if (::inet_aton(host.c_str(), &address) == 0) return "";
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address.s_addr, bytes.size());
  return "; write " + IpAddress::v4(bytes).text() + " if that is meant";
}

Result<PolicyEntry> parse_host(std::string_view host, bool exact, ServiceScope scope) {
  if (auto complaint = complaint_about_dots_and_stars(host)) return Error{std::move(*complaint)};
  auto pattern = HostPattern::parse((exact ? "=" : "") + std::string(host));
  if (!pattern) return Error{pattern.error() + hint_of_address(std::string(host))};
  return PolicyEntry{std::move(pattern).value(), scope};
}

// An address or block that is the whole text, or an address with a port; nothing for a name.
std::optional<Result<PolicyEntry>> parse_as_address(std::string_view text, ServiceScope scope) {
  const auto slash = text.find('/');
  if (slash != kNone && !IpAddress::parse(text.substr(0, slash))) return std::nullopt;
  if (slash == kNone && !IpAddress::parse(text)) return std::nullopt;
  if (slash != kNone && text.find(':', slash) != kNone) {
    return Error{"has a port after a block; write ADDRESS:PORT for each address that is meant"};
  }
  auto range = IpRange::parse(text);
  if (!range) return Error{range.error()};
  return PolicyEntry{*range, scope};
}

Result<PolicyEntry> parse_target(std::string_view text, bool exact, ServiceScope scope) {
  if (auto address = parse_as_address(text, scope)) return std::move(*address);
  if (auto complaint = complaint_about_url_parts(text)) return Error{std::move(*complaint)};
  auto parts = split_host_and_port(text);
  if (!parts) return Error{parts.error()};
  scope.port = parts->port;
  if (parts->bracketed && parts->host.find(':') == kNone) {
    return Error{"has no IPv6 address between '[' and ']'"};
  }
  if (auto address = parse_as_address(parts->host, scope)) return std::move(*address);
  if (parts->bracketed) return Error{"has no IPv6 address between '[' and ']'"};
  if (parts->host.empty()) return Error{"has no host before ':'; write HOST:PORT"};
  return parse_host(parts->host, exact, scope);
}

}  // namespace

bool ServiceScope::names_port(std::uint16_t asked) const noexcept {
  if (port) return asked == *port;
  return (limit != Limit::kTls && asked == kHttpPort) ||
         (limit != Limit::kHttp && asked == kTlsPort);
}

bool ServiceScope::admits(Protocol protocol, std::uint16_t asked) const noexcept {
  if (!names_port(asked)) return false;
  switch (limit) {
    case Limit::kHttp:
      return protocol == Protocol::kHttp;
    case Limit::kTls:
      return protocol == Protocol::kTls;
    case Limit::kNone:
      break;
  }
  return port || protocol == (asked == kHttpPort ? Protocol::kHttp : Protocol::kTls);
}

Result<PolicyEntry> PolicyEntry::parse(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return Error{"is empty; write a host name"};
  if (auto complaint = complaint_about_bytes(text)) return Error{std::move(*complaint)};
  const bool exact = text.starts_with('=');
  if (exact) text.remove_prefix(1);
  auto limit = take_scheme(text);
  if (!limit) return Error{limit.error()};
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) return Error{"is nothing but a prefix; write a host name after it"};
  return parse_target(text, exact, ServiceScope{*limit, std::nullopt});
}

}  // namespace awf::policy
