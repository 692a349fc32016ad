// The DNS wire format (RFC 1035, EDNS of RFC 6891) as far as one question and its answer need it.
// Pure; hostile input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/ip_range.hpp"

namespace awf::egress {

// Larger queries have no use: a name is at most 255 bytes and the EDNS options are ignored.
inline constexpr std::size_t kMaxDnsQueryBytes = 4096;
// No answer is longer than its query by more than this (a PTR target, an SOA and an OPT record), so
// the door amplifies nothing.
inline constexpr std::size_t kMaxDnsGrowth = 384;

namespace dns_type {
inline constexpr std::uint16_t kA = 1;
inline constexpr std::uint16_t kPtr = 12;
inline constexpr std::uint16_t kAaaa = 28;
}  // namespace dns_type
inline constexpr std::uint16_t kDnsClassIn = 1;

// RFC 1035 §4.1.1 and, above 15, RFC 6891 §9.
enum class DnsCode : std::uint16_t {
  kNoError = 0,
  kFormatError = 1,
  kServerFailure = 2,
  kNoSuchName = 3,
  kNotImplemented = 4,
  kRefused = 5,
  kBadVersion = 16,
};

struct DnsQuery {
  // kNoError: a question to be judged. Otherwise what its asker is told.
  DnsCode fault = DnsCode::kNoError;
  std::uint16_t id = 0;
  bool recursion_desired = false;
  bool has_edns = false;
  std::vector<std::uint8_t> owner;  // the name in wire format, upper case as sent
  std::uint16_t type = 0;
  std::uint16_t rr_class = 0;

  // The name with dots, when every label consists of letters, digits, '-' and '_'; nothing for
  // other bytes, a dot inside a label among them: those could be read in two ways.
  [[nodiscard]] std::optional<std::string> host_text() const;
  // The name for a log: such bytes as \DDD.
  [[nodiscard]] std::string shown() const;
};

// Nothing for what deserves no answer at all: less than a header, a response, too many bytes.
std::optional<DnsQuery> read_dns_query(std::span<const std::uint8_t> bytes);

struct DnsReplyContent {
  DnsCode code = DnsCode::kNoError;
  std::vector<policy::IpAddress> addresses;  // A or AAAA records, by family
  std::optional<std::string> pointer;        // the target of a PTR record
  bool with_soa = false;                     // negative answers: RFC 2308
  bool blocked = false;                      // extended error 15, RFC 8914, for askers with EDNS
};

std::vector<std::uint8_t> write_dns_reply(const DnsQuery& query, const DnsReplyContent& content);

// "AAAA", "TYPE65280".
std::string dns_type_text(std::uint16_t type);

}  // namespace awf::egress
