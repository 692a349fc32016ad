// DnsServer::parse: the spellings of a DNS server on a command line.
#include "common/text.hpp"
#include "net/resolver.hpp"

namespace awf::net {
namespace {

constexpr std::size_t kMaxInterfaceName = 15;  // IFNAMSIZ - 1 (net/if.h)

struct Pieces {
  std::string_view address;
  std::string_view zone;
  std::optional<std::string_view> port;
  bool has_zone = false;
};

// Brackets are what sets the port of an IPv6 address apart from its last group.
std::optional<Pieces> take_apart(std::string_view text) {
  Pieces pieces{text, {}, std::nullopt, false};
  std::string_view rest;
  if (text.substr(0, 1) == "[") {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    pieces.address = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
  } else if (const auto colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    pieces.address = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty()) pieces.port = rest.substr(1);
  if (const auto percent = pieces.address.find('%'); percent != std::string_view::npos) {
    pieces.zone = pieces.address.substr(percent + 1);
    pieces.address = pieces.address.substr(0, percent);
    pieces.has_zone = true;
  }
  return pieces;
}

}  // namespace

Result<DnsServer> DnsServer::parse(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return Error{"DNS server " + quoted(text) + ": " + std::string(why)};
  };
  const auto pieces = take_apart(text);
  if (!pieces) return refuse("the brackets are not closed or something follows them");
  const auto address = policy::IpAddress::parse(pieces->address);
  if (!address.ok()) return refuse("is not an IPv4 or IPv6 address");
  const bool v6 = address->family() == policy::IpAddress::Family::kV6;
  if (text.substr(0, 1) == "[" && !v6) return refuse("only IPv6 addresses stand in brackets");
  const bool link_local = v6 && policy::classify(*address) == policy::AddressClass::kLinkLocal;
  if (link_local && pieces->zone.empty()) {
    return refuse("a link-local address needs its interface, as in fe80::1%eth0");
  }
  if (!link_local && pieces->has_zone) return refuse("only link-local addresses have a zone");
  if (pieces->zone.size() > kMaxInterfaceName) return refuse("no interface has such a long name");
  std::uint16_t port = kDefaultPort;
  if (pieces->port) {
    const auto number = parse_number<std::uint16_t>(*pieces->port);
    if (!number || *number == 0) return refuse("the port is not a number from 1 to 65535");
    port = *number;
  }
  return DnsServer{*address, std::string(pieces->zone), port};
}

}  // namespace awf::net
