// Reading is libresolv's: ns_initparse walks every record and refuses what does not end where the
// message ends. What we write has five fixed shapes. (libldns does both, but every function of it
// needs all of libcrypto: 5 MiB of code beside hostile input, and a third of the start-up time.)
#include "egress-proxy/dns_wire.hpp"

#include <arpa/nameser.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/text.hpp"

namespace awf::egress {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint8_t kMaxLabelBytes = 63;  // the two bits above mean a pointer (RFC 1035 §4.1.4)
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::uint16_t kNameOfQuestion = 0xC00C;  // a pointer to it
constexpr unsigned kOptType = 41;
constexpr unsigned kExtendedError = 15;
constexpr unsigned kBlocked = 15;
constexpr unsigned kReplyUdpSize = 1232;
// A mapped address stays the name's for the whole run; the small TTL only keeps clients from caches
// that outlive it. A client that hears "no such name" asks again after five seconds at most.
constexpr std::uint32_t kAnswerTtl = 60;
constexpr std::uint32_t kNegativeTtl = 5;
constexpr std::string_view kBlockedText = "blocked by AWF policy";

void put16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, value >> 16U);
  put16(out, value & 0xFFFFU);
}

void put_record_head(Bytes& out, unsigned type, std::uint32_t ttl, std::size_t data_size) {
  put16(out, type);
  put16(out, kDnsClassIn);
  put32(out, ttl);
  put16(out, static_cast<unsigned>(data_size));
}

void put_address(Bytes& out, const policy::IpAddress& address) {
  put16(out, kNameOfQuestion);
  if (address.family() == policy::IpAddress::Family::kV4) {
    const auto bytes = address.v4_bytes();
    put_record_head(out, dns_type::kA, kAnswerTtl, bytes.size());
    out.insert(out.end(), bytes.begin(), bytes.end());
  } else {
    put_record_head(out, dns_type::kAaaa, kAnswerTtl, address.bytes().size());
    out.insert(out.end(), address.bytes().begin(), address.bytes().end());
  }
}

// `target` is a host name, so no label is empty or too long.
void put_pointer(Bytes& out, std::string_view target) {
  put16(out, kNameOfQuestion);
  put_record_head(out, dns_type::kPtr, kAnswerTtl, target.size() + 2);
  for (const auto label : split(target, '.')) {
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
  }
  out.push_back(0);
}

// The root as the zone: its owner is an ancestor of every name and takes one byte.
void put_soa(Bytes& out) {
  constexpr std::size_t kTwoRootsAndFiveNumbers = 22;
  constexpr unsigned kSoaType = 6;
  out.push_back(0);
  put_record_head(out, kSoaType, kNegativeTtl, kTwoRootsAndFiveNumbers);
  put16(out, 0);
  for (const std::uint32_t number : {1U, 3600U, 600U, 86400U, kNegativeTtl})
    put32(out, number);
}

// RFC 6891 §6.1.2; its option is RFC 8914's extended error.
void put_edns(Bytes& out, DnsCode code, bool blocked) {
  const std::size_t option = blocked ? 6 + kBlockedText.size() : 0;
  out.push_back(0);
  put16(out, kOptType);
  put16(out, kReplyUdpSize);
  put16(out, (static_cast<unsigned>(code) >> 4U) << 8U);  // the code's upper bits, version 0
  put16(out, 0);
  put16(out, static_cast<unsigned>(option));
  if (!blocked) return;
  put16(out, kExtendedError);
  put16(out, static_cast<unsigned>(2 + kBlockedText.size()));
  put16(out, kBlocked);
  out.insert(out.end(), kBlockedText.begin(), kBlockedText.end());
}

bool is_host_byte(std::uint8_t byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

void append_shown(std::string& out, std::uint8_t byte) {
  if (is_host_byte(byte)) {
    out.push_back(static_cast<char>(byte));
    return;
  }
  out.push_back('\\');
  for (const unsigned digit : {byte / 100U, byte / 10U % 10U, byte % 10U}) {
    out.push_back(static_cast<char>('0' + digit));
  }
}

// Calls per_byte for each byte of each label and between_labels at each border.
template <typename PerByte, typename BetweenLabels>
void walk_labels(const Bytes& owner, PerByte per_byte, BetweenLabels between_labels) {
  std::size_t at = 0;
  while (at < owner.size() && owner[at] != 0) {
    if (at != 0) between_labels();
    const std::size_t end = at + 1 + owner[at];
    for (++at; at < end && at < owner.size(); ++at)
      per_byte(owner[at]);
  }
}

// The size of the name at the start of the bytes; 0 when there is none. A pointer is none: the
// first name of a message has nothing to point to.
std::size_t name_size(std::span<const std::uint8_t> bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size() && at < kMaxNameBytes && bytes[at] <= kMaxLabelBytes) {
    if (bytes[at] == 0) return at + 1;
    at += std::size_t{1} + bytes[at];
  }
  return 0;
}

// False for a second OPT record (RFC 6891 §6.1.1) and what cannot be read.
bool read_edns(DnsQuery& query, ns_msg& message) {
  for (int i = 0; i < ns_msg_count(message, ns_s_ar); ++i) {
    ns_rr record{};
    if (ns_parserr(&message, ns_s_ar, i, &record) != 0) return false;
    if (ns_rr_type(record) != kOptType) continue;
    if (query.has_edns) return false;
    query.has_edns = true;
    if (((ns_rr_ttl(record) >> 16U) & 0xFFU) != 0) query.fault = DnsCode::kBadVersion;
  }
  return true;
}

// False when it is not exactly one question, or malformed.
bool read_question(DnsQuery& query, std::span<const std::uint8_t> bytes) {
  ns_msg message{};
  if (ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &message) != 0) return false;
  // One question is all that any resolver sends; with two, a reader that judges the first and
  // answers the second would be fooled (RFC 9619).
  if (ns_msg_count(message, ns_s_qd) != 1 || ns_msg_count(message, ns_s_an) != 0 ||
      ns_msg_count(message, ns_s_ns) != 0 || ns_msg_getflag(message, ns_f_tc) != 0) {
    return false;
  }
  const auto question = bytes.subspan(kHeaderBytes);
  const std::size_t size = name_size(question);
  if (size == 0 || question.size() < size + 4 || !read_edns(query, message)) return false;
  query.owner.assign(question.begin(), question.begin() + static_cast<std::ptrdiff_t>(size));
  query.type = static_cast<std::uint16_t>(question[size] * 256U + question[size + 1]);
  query.rr_class = static_cast<std::uint16_t>(question[size + 2] * 256U + question[size + 3]);
  return true;
}

}  // namespace

std::optional<std::string> DnsQuery::host_text() const {
  std::string text;
  bool plain = true;
  walk_labels(
      owner,
      [&](std::uint8_t byte) {
        plain = plain && is_host_byte(byte);
        text.push_back(static_cast<char>(byte));
      },
      [&] { text.push_back('.'); });
  if (!plain) return std::nullopt;
  return text;
}

std::string DnsQuery::shown() const {
  std::string text;
  walk_labels(
      owner, [&](std::uint8_t byte) { append_shown(text, byte); }, [&] { text.push_back('.'); });
  return text;
}

std::optional<DnsQuery> read_dns_query(std::span<const std::uint8_t> bytes) {
  constexpr unsigned kOpcode = 0x78;
  if (bytes.size() < kHeaderBytes || bytes.size() > kMaxDnsQueryBytes) return std::nullopt;
  // Two hosts that answer each other's answers would never end: responses are not looked at.
  if ((bytes[2] & 0x80U) != 0) return std::nullopt;
  DnsQuery query;
  query.id = static_cast<std::uint16_t>(bytes[0] * 256U + bytes[1]);
  query.recursion_desired = (bytes[2] & 1U) != 0;
  if ((bytes[2] & kOpcode) != 0) {
    query.fault = DnsCode::kNotImplemented;
  } else if (!read_question(query, bytes)) {
    query.fault = DnsCode::kFormatError;
    query.has_edns = false;
  }
  return query;
}

std::vector<std::uint8_t> write_dns_reply(const DnsQuery& query, const DnsReplyContent& content) {
  Bytes out;
  const bool readable = !query.owner.empty();  // otherwise the reply is a header alone
  put16(out, query.id);
  out.push_back(query.recursion_desired ? 0x81 : 0x80);
  out.push_back(static_cast<std::uint8_t>(0x80U | (static_cast<unsigned>(content.code) & 0xFU)));
  put16(out, readable ? 1 : 0);
  put16(out, static_cast<unsigned>(content.addresses.size()) + (content.pointer ? 1U : 0U));
  put16(out, content.with_soa ? 1 : 0);
  put16(out, query.has_edns ? 1 : 0);
  if (!readable) return out;
  out.insert(out.end(), query.owner.begin(), query.owner.end());
  put16(out, query.type);
  put16(out, query.rr_class);
  for (const auto& address : content.addresses)
    put_address(out, address);
  if (content.pointer) put_pointer(out, *content.pointer);
  if (content.with_soa) put_soa(out);
  if (query.has_edns) put_edns(out, content.code, content.blocked);
  return out;
}

std::string dns_type_text(std::uint16_t type) {
  using Named = std::pair<std::uint16_t, const char*>;
  static constexpr std::array<Named, 19> kTypes{{{1, "A"},
                                                 {2, "NS"},
                                                 {5, "CNAME"},
                                                 {6, "SOA"},
                                                 {10, "NULL"},
                                                 {12, "PTR"},
                                                 {15, "MX"},
                                                 {16, "TXT"},
                                                 {28, "AAAA"},
                                                 {33, "SRV"},
                                                 {35, "NAPTR"},
                                                 {43, "DS"},
                                                 {48, "DNSKEY"},
                                                 {52, "TLSA"},
                                                 {64, "SVCB"},
                                                 {65, "HTTPS"},
                                                 {251, "IXFR"},
                                                 {252, "AXFR"},
                                                 {255, "ANY"}}};
  const auto* known = std::find_if(kTypes.begin(), kTypes.end(),
                                   [type](const Named& named) { return named.first == type; });
  // RFC 3597 §5 for all others.
  return known != kTypes.end() ? known->second : "TYPE" + std::to_string(type);
}

}  // namespace awf::egress
