// What the audit says about one decision, and its two spellings. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "policy/egress_policy.hpp"
#include "policy/ip_range.hpp"

namespace awf::egress {

// Longer foreign text is of no use to a reader and would let a client fill the disk: lines show so
// many bytes of each text.
inline constexpr std::size_t kMaxShownText = 512;

// What the traffic was, as far as it was seen.
enum class AuditProtocol : std::uint8_t { kHttp, kTls, kTcp, kUdp, kIcmp, kDns, kOther };

// A connection or datagram as the client's socket has it.
struct ClientFlow {
  bool tcp = false;  // otherwise UDP
  policy::IpAddress source;
  std::uint16_t source_port = 0;
  policy::IpAddress destination;
  std::uint16_t destination_port = 0;
};

// A process inside. It chose the name, so that this is a hint for people and never a reason.
struct ProcessName {
  unsigned pid = 0;
  std::string name;
};

// Foreign text is allowed in every string: the spellings below neutralise it.
struct AuditRecord {
  std::chrono::system_clock::time_point time;  // when the request came in
  policy::Door door = policy::Door::kProxy;
  AuditProtocol protocol = AuditProtocol::kOther;
  std::string name;  // canonical host name, or the literal address that was asked for
  std::uint16_t port = 0;
  policy::Verdict verdict = policy::Verdict::kDeny;
  std::string rule;
  std::string reason;
  std::string address;  // the one dialled, empty when none was
  std::string error;    // why an allowed connection failed; empty when it did not
  std::string method;   // of HTTP requests and DNS questions ("AAAA"); empty otherwise
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::chrono::milliseconds duration{0};
  // How many further, equal refusals this record stands for.
  std::uint64_t repeats = 0;

  std::optional<ProcessName> process;  // whose attempt it was, where that is known

  // For finding that process; stands in no log.
  std::optional<ClientFlow> flow;

  // For access.log alone.
  std::string client;  // "127.0.0.1:40000"
  std::string path;    // of plain HTTP, without its query, which may carry a secret
  std::string user_agent;
  unsigned status = 0;  // of HTTP, as far as it is known
};

std::string_view text_of(policy::Door door) noexcept;
std::string_view text_of(AuditProtocol protocol) noexcept;

// One line of audit.jsonl, newline included: pure ASCII, at most some 3 KiB, schema awf-audit/1
// (README.md lists the fields).
std::string audit_line(const AuditRecord& record);

// One line in Squid's format as the reference system writes it, newline included:
// TIME CLIENT HOST DESTINATION VERSION METHOD STATUS RESULT:HIERARCHY URL "USER-AGENT"
// Every field is free of white space and quotes whatever the record holds, so that no request can
// hide or forge a line.
std::string access_line(const AuditRecord& record);

}  // namespace awf::egress
