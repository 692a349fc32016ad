// One entry of a policy, parsed: what it covers, by which protocols and on which port. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "common/result.hpp"
#include "policy/egress_policy.hpp"
#include "policy/host_pattern.hpp"
#include "policy/ip_range.hpp"

namespace awf::policy {

inline constexpr std::uint16_t kHttpPort = 80;
inline constexpr std::uint16_t kTlsPort = 443;

// "x" is HTTP on 80 and TLS on 443; "http://x" and "https://x" one of them; "x:22" anything on 22;
// "https://x:8443" TLS on 8443 alone.
struct ServiceScope {
  enum class Limit : std::uint8_t { kNone, kHttp, kTls };
  Limit limit = Limit::kNone;
  std::optional<std::uint16_t> port;

  [[nodiscard]] bool admits(Protocol protocol, std::uint16_t asked) const noexcept;
  [[nodiscard]] bool names_port(std::uint16_t asked) const noexcept;
  // Bytes pass unread, whatever they are.
  [[nodiscard]] bool opaque() const noexcept { return limit == Limit::kNone && port.has_value(); }
};

struct PolicyEntry {
  std::variant<HostPattern, IpRange> target;
  ServiceScope scope;

  // The grammar alone, for allow and block lists; what an allow list may not say is judged by
  // review_for_allow_list(). The error is a clause that follows the entry and says what to write.
  static Result<PolicyEntry> parse(std::string_view text);
};

}  // namespace awf::policy
