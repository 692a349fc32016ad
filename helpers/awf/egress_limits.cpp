#include "awf/egress_limits.hpp"

#include "awf/options.hpp"
#include "common/check.hpp"
#include "common/text.hpp"
#include "policy/upload_limit.hpp"

namespace awf::supervisor {

EgressLimits judged_egress_limits(const Options& options) {
  EgressLimits limits;
  for (const auto& text : options.max_tx) {
    if (const auto limit = policy::UploadLimit::parse(text); !limit) {
      throw Refusal("--max-tx " + quoted(text) + " " + limit.error());
    }
    limits.max_tx.push_back(text);
  }
  if (options.max_tx_total) {
    const auto total = policy::parse_byte_count(*options.max_tx_total);
    if (!total) {
      throw Refusal("--max-tx-total " + quoted(*options.max_tx_total) + " " + total.error());
    }
    limits.max_tx_total = *total;
  }
  if (options.min_tls && *options.min_tls != "1.2" && *options.min_tls != "1.3") {
    throw Refusal("--min-tls " + quoted(*options.min_tls) + " is neither 1.2 nor 1.3");
  }
  limits.min_tls = options.min_tls;
  return limits;
}

}  // namespace awf::supervisor
