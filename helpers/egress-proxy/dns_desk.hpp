// Answers a DNS query and writes down what was denied: what both DNS doors share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "egress-proxy/audit_throttle.hpp"
#include "egress-proxy/dns_answer.hpp"
#include "egress-proxy/rate_limit.hpp"
#include "net/limits.hpp"

namespace awf::egress {

class DnsDesk {
 public:
  // Borrows both.
  DnsDesk(DnsAnswerer& answerer, AuditThrottle& audit) : answerer_(answerer), audit_(audit) {}

  // The reply, or nothing when the query deserves none: it is no query, or one too many in this
  // second (net::kMaxDnsQueriesPerSecond). `client`: as far as it is known.
  std::vector<std::uint8_t> answer(std::span<const std::uint8_t> query,
                                   const std::optional<ClientFlow>& client);

 private:
  DnsAnswerer& answerer_;
  AuditThrottle& audit_;
  RateLimit limit_{net::kMaxDnsQueriesPerSecond};
  bool flood_told_ = false;
};

}  // namespace awf::egress
