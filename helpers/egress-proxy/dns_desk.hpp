// Answers a DNS query and writes down what was denied: what both DNS doors share.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "egress-proxy/audit_throttle.hpp"
#include "egress-proxy/dns_answer.hpp"
#include "egress-proxy/rate_limit.hpp"
#include "net/limits.hpp"

namespace awf::egress {

inline constexpr std::chrono::milliseconds kDnsPause{10};

class DnsDesk {
 public:
  // Borrows both.
  DnsDesk(DnsAnswerer& answerer, AuditThrottle& audit) : answerer_(answerer), audit_(audit) {}

  // The queries of this second are used up (net::kMaxDnsQueriesPerSecond): a door reads no further
  // one for kDnsPause. So a busy client is slowed down, not left without an answer, and a flood is
  // dropped by the kernel where it came from.
  bool is_spent();

  // The reply, or nothing when the query deserves none. `client`: as far as it is known.
  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query,
                                   const std::optional<ClientFlow>& client);

 private:
  DnsAnswerer& answerer_;
  AuditThrottle& audit_;
  RateLimit limit_{net::kMaxDnsQueriesPerSecond};
  bool flood_told_ = false;
};

}  // namespace awf::egress
