// How much the command may send, per host and in all. Pure; one thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egress-proxy/audit_record.hpp"
#include "egress-proxy/target.hpp"
#include "net/upload_meter.hpp"
#include "policy/upload_limit.hpp"

namespace awf::egress {

inline constexpr std::string_view kUploadRule = "max-tx";

struct UploadBudget {
  std::string host;  // as written; empty for all hosts together
  std::uint64_t bytes = 0;
  std::uint64_t left = 0;
};

// The budgets that one target's connections spend from; each byte is spent from all of them.
class UploadAllowance final : public net::UploadMeter {
 public:
  // Borrowed; at least one.
  explicit UploadAllowance(std::vector<UploadBudget*> budgets) : budgets_(std::move(budgets)) {}

  [[nodiscard]] std::uint64_t left() const noexcept override;
  void spend(std::uint64_t bytes) noexcept override;
  // "the upload budget of github.com (1000 bytes) is spent", of the one with the least left.
  [[nodiscard]] std::string spent_reason() const;

 private:
  [[nodiscard]] const UploadBudget& scarcest() const noexcept;

  std::vector<UploadBudget*> budgets_;
};

// Counts what goes to origins: the bytes of tunnels, TLS hellos among them, and of plain HTTP the
// heads as forwarded and the bodies. Outlives its allowances.
class UploadBudgets {
 public:
  UploadBudgets() = default;
  UploadBudgets(const std::vector<policy::UploadLimit>& limits, std::optional<std::uint64_t> total);
  UploadBudgets(const UploadBudgets&) = delete;
  UploadBudgets& operator=(const UploadBudgets&) = delete;

  // Empty when no budget applies.
  [[nodiscard]] std::shared_ptr<UploadAllowance> allowance_of(const Target& target);

 private:
  std::vector<policy::UploadLimit> limits_;
  std::deque<UploadBudget> budgets_;  // one for each of limits_, then perhaps the total
};

// Makes the record one of a denial by the budget: what had passed by then stays in it.
void deny_over_budget(AuditRecord& record, const UploadAllowance& allowance);

}  // namespace awf::egress
