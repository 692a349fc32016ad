#include "egress-proxy/audit_throttle.hpp"

#include <chrono>
#include <utility>

namespace awf::egress {
namespace {

constexpr std::chrono::seconds kWindow{1};

std::string kind_of(const AuditRecord& record) {
  std::string kind(text_of(record.protocol));
  kind += '\n' + record.name + '\n' + std::to_string(record.port) + '\n' + record.method;
  return kind;
}

// The name of a record that stands for many.
AuditRecord anonymous(AuditRecord record) {
  record.name = "*";
  record.port = 0;
  record.method.clear();
  record.reason = "more refusals than are recorded one by one";
  return record;
}

}  // namespace

void AuditThrottle::record(const AuditRecord& record) {
  if (!timer_runs_) {
    timer_runs_ = true;
    timer_.expires_after(kWindow);
    timer_.async_wait([this](const net::ErrorCode& error) {
      if (error) return;  // the throttle is gone
      timer_runs_ = false;
      flush();
    });
  }
  const auto known = kinds_.find(kind_of(record));
  if (known != kinds_.end()) {
    ++known->second.repeats;
    return;
  }
  if (kinds_.size() < kMostKindsPerSecond) {
    kinds_.emplace(kind_of(record), Kind{record, 0});
    log_.record(record);
    return;
  }
  const AuditRecord rest = anonymous(record);
  ++kinds_.try_emplace(kind_of(rest), Kind{rest, 0}).first->second.repeats;
}

void AuditThrottle::flush() {
  for (auto& [kind, counted] : std::exchange(kinds_, {})) {
    if (counted.repeats == 0) continue;
    counted.record.repeats = counted.repeats;
    log_.record(counted.record);
  }
}

}  // namespace awf::egress
