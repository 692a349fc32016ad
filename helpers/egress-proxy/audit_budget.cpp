#include "egress-proxy/audit_budget.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"

namespace awf::egress {

bool AuditBudget::admits(const AuditRecord& record) {
  if (record.verdict != policy::Verdict::kDeny || refusals_left_ > 0) return true;
  counted_ += 1 + record.repeats;
  latest_ = record;
  return false;
}

void AuditBudget::spend(policy::Verdict verdict, std::size_t bytes) {
  if (verdict == policy::Verdict::kDeny) refusals_left_ -= std::min(refusals_left_, bytes);
  all_left_ -= std::min(all_left_, bytes);
  if (all_left_ > 0) return;
  throw Refusal(
      "the logs of this run have reached their limit of bytes; what cannot be recorded "
      "may not pass");
}

std::optional<AuditRecord> AuditBudget::rest(std::chrono::system_clock::time_point now, bool last) {
  if (counted_ == 0 || (!last && now - told_at_ < kBetweenRests)) return std::nullopt;
  told_at_ = now;
  AuditRecord record;
  record.time = latest_.time;
  record.door = latest_.door;
  record.name = "*";
  record.reason = "more refusals than are recorded one by one";
  record.client = latest_.client;
  record.repeats = std::exchange(counted_, 0);
  return record;
}

}  // namespace awf::egress
