#include "egress-proxy/dns_answer.hpp"

#include <array>
#include <utility>

#include "common/text.hpp"

namespace awf::egress {
namespace {

using policy::HostName;
using policy::IpAddress;

constexpr std::string_view kArpa4 = ".in-addr.arpa";
constexpr std::string_view kArpa6 = ".ip6.arpa";

DnsOutcome reply(const DnsQuery& query, const DnsReplyContent& content) {
  return {write_dns_reply(query, content), std::nullopt};
}

DnsOutcome no_data(const DnsQuery& query) {
  DnsReplyContent content;
  content.with_soa = true;
  return reply(query, content);
}

DnsOutcome deny(const DnsQuery& query, std::string name, std::string rule, std::string reason) {
  DnsReplyContent content;
  content.code = DnsCode::kNoSuchName;
  content.with_soa = true;
  content.blocked = true;
  DnsDenial denial{std::move(name), dns_type_text(query.type), std::move(rule), std::move(reason)};
  return {write_dns_reply(query, content), std::move(denial)};
}

bool is_localhost(std::string_view name) noexcept {
  return name == "localhost" || name.ends_with(".localhost");
}

// RFC 6761 §6.3: such names never leave the machine, hence not the sandbox.
DnsOutcome answer_localhost(const DnsQuery& query) {
  DnsReplyContent content;
  if (query.type == dns_type::kA) content.addresses = {IpAddress::v4({127, 0, 0, 1})};
  std::array<std::uint8_t, 16> loopback6{};
  loopback6.back() = 1;
  if (query.type == dns_type::kAaaa) content.addresses = {IpAddress::v6(loopback6)};
  content.with_soa = content.addresses.empty();
  return reply(query, content);
}

bool is_loopback(const IpAddress& address) noexcept {
  return policy::classify(address) == policy::AddressClass::kLoopback;
}

std::optional<IpAddress> address_of_arpa4(std::string_view reversed) {
  const auto parts = split(reversed, '.');
  std::array<std::uint8_t, 4> bytes{};
  if (parts.size() != bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = parse_number<std::uint8_t>(parts[i]);
    if (!number) return std::nullopt;
    bytes[bytes.size() - 1 - i] = *number;
  }
  return IpAddress::v4(bytes);
}

std::optional<std::uint8_t> hex_digit(std::string_view text) noexcept {
  if (text.size() != 1) return std::nullopt;
  const char c = text.front();
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<IpAddress> address_of_arpa6(std::string_view reversed) {
  const auto nibbles = split(reversed, '.');
  std::array<std::uint8_t, 16> bytes{};
  if (nibbles.size() != 2 * bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < nibbles.size(); ++i) {
    const auto digit = hex_digit(nibbles[nibbles.size() - 1 - i]);
    if (!digit) return std::nullopt;
    bytes[i / 2] = static_cast<std::uint8_t>((bytes[i / 2] << 4U) | *digit);
  }
  return IpAddress::v6(bytes);
}

}  // namespace

std::optional<IpAddress> address_of_arpa_name(std::string_view name) {
  if (name.ends_with(kArpa4)) return address_of_arpa4(name.substr(0, name.size() - kArpa4.size()));
  if (name.ends_with(kArpa6)) return address_of_arpa6(name.substr(0, name.size() - kArpa6.size()));
  return std::nullopt;
}

DnsOutcome DnsAnswerer::answer(std::span<const std::uint8_t> bytes) {
  const auto query = read_dns_query(bytes);
  if (!query) return {};
  if (query->fault != DnsCode::kNoError) {
    DnsReplyContent content;
    content.code = query->fault;
    return reply(*query, content);
  }
  if (query->rr_class != kDnsClassIn) {
    DnsReplyContent content;
    content.code = DnsCode::kRefused;
    return reply(*query, content);
  }
  return answer_question(*query);
}

DnsOutcome DnsAnswerer::answer_question(const DnsQuery& query) {
  const auto text = query.host_text();
  if (!text) return deny(query, query.shown(), "default", "the name is not a host name");
  if (query.type == dns_type::kPtr) {
    if (const auto address = address_of_arpa_name(ascii_lower(*text))) {
      return answer_pointer(query, *address);
    }
  }
  const auto name = HostName::parse(*text);
  if (!name) return deny(query, query.shown(), "default", name.error());
  if (is_localhost(name->text())) return answer_localhost(query);
  const auto decision = policy_.decide_lookup(*name);
  if (!decision.allowed()) return deny(query, name->text(), decision.rule, decision.reason);
  return answer_address(query, *name);
}

DnsOutcome DnsAnswerer::answer_pointer(const DnsQuery& query, const IpAddress& address) {
  DnsReplyContent content;
  if (is_loopback(address)) {
    content.pointer = "localhost";
    return reply(query, content);
  }
  const HostName* name = addresses_.name_of(address);
  if (name == nullptr) {
    return deny(query, query.shown(), "default", "no allowed name has this address");
  }
  content.pointer = name->text();
  return reply(query, content);
}

DnsOutcome DnsAnswerer::answer_address(const DnsQuery& query, const HostName& name) {
  if (query.type != dns_type::kA && query.type != dns_type::kAaaa) return no_data(query);
  const auto pair = addresses_.addresses_of(name);
  DnsReplyContent content;
  if (!pair) {
    content.code = DnsCode::kServerFailure;
    auto outcome = reply(query, content);
    outcome.denial = DnsDenial{name.text(), dns_type_text(query.type), "default",
                               "the run has used up its addresses for names"};
    return outcome;
  }
  content.addresses = {query.type == dns_type::kA ? pair->v4 : pair->v6};
  return reply(query, content);
}

}  // namespace awf::egress
