// Limits on allowed traffic: how much may be sent, and how old its TLS may be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace awf::supervisor {

struct Options;

struct EgressLimits {
  std::vector<std::string> max_tx;  // HOST=BYTES, each well-formed
  std::optional<std::uint64_t> max_tx_total;
  std::optional<std::string> min_tls;  // "1.2" or "1.3"
};

// Throws Refusal for a value that cannot be meant.
EgressLimits judged_egress_limits(const Options& options);

}  // namespace awf::supervisor
