// How much of the disk the audit of one run may take.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "egress-proxy/audit_record.hpp"

namespace awf::egress {

// The first refusals are what tells an attack, so they are recorded one by one up to a number of
// bytes; the rest is counted, and from time to time one record stands for all of them (its name is
// "*"). Nobody is let through without a record: when the whole budget is spent, nothing is recorded
// any more and so nothing may pass. Pure.
class AuditBudget {
 public:
  static constexpr std::size_t kRefusalBytes = 64UL << 20U;
  static constexpr std::size_t kAllBytes = 1UL << 30U;
  static constexpr std::chrono::seconds kBetweenRests{10};

  explicit AuditBudget(std::size_t refusal_bytes = kRefusalBytes, std::size_t all_bytes = kAllBytes)
      : refusals_left_(refusal_bytes), all_left_(all_bytes) {}

  // False: it was counted and is not to be written.
  bool admits(const AuditRecord& record);

  // The bytes that were written for a record of this verdict. Throws Refusal when all is spent.
  void spend(policy::Verdict verdict, std::size_t bytes);

  // The record that stands for what was counted since the last one: not more often than
  // kBetweenRests, unless it is the `last`.
  std::optional<AuditRecord> rest(std::chrono::system_clock::time_point now, bool last);

 private:
  std::size_t refusals_left_;
  std::size_t all_left_;
  std::uint64_t counted_ = 0;
  AuditRecord latest_;
  std::chrono::system_clock::time_point told_at_{};
};

}  // namespace awf::egress
