#include "egress-proxy/upload_budgets.hpp"

#include <algorithm>

namespace awf::egress {

const UploadBudget& UploadAllowance::scarcest() const noexcept {
  return **std::min_element(
      budgets_.begin(), budgets_.end(),
      [](const UploadBudget* a, const UploadBudget* b) { return a->left < b->left; });
}

std::uint64_t UploadAllowance::left() const noexcept {
  return scarcest().left;
}

void UploadAllowance::spend(std::uint64_t bytes) noexcept {
  for (UploadBudget* budget : budgets_)
    budget->left -= std::min(budget->left, bytes);
}

std::string UploadAllowance::spent_reason() const {
  const UploadBudget& budget = scarcest();
  const std::string what =
      budget.host.empty() ? "the upload budget of this run" : "the upload budget of " + budget.host;
  return what + " (" + std::to_string(budget.bytes) + " bytes) is spent";
}

UploadBudgets::UploadBudgets(const std::vector<policy::UploadLimit>& limits,
                             std::optional<std::uint64_t> total)
    : limits_(limits) {
  for (const auto& limit : limits_)
    budgets_.push_back({limit.host, limit.bytes, limit.bytes});
  if (total) budgets_.push_back({"", *total, *total});
}

std::shared_ptr<UploadAllowance> UploadBudgets::allowance_of(const Target& target) {
  std::vector<UploadBudget*> applying;
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    const bool applies =
        i >= limits_.size() ||
        std::visit([&](const auto& host) { return limits_[i].covers(host); }, target.host);
    if (applies) applying.push_back(&budgets_[i]);
  }
  return applying.empty() ? nullptr : std::make_shared<UploadAllowance>(std::move(applying));
}

void deny_over_budget(AuditRecord& record, const UploadAllowance& allowance) {
  record.verdict = policy::Verdict::kDeny;
  record.rule = kUploadRule;
  record.reason = allowance.spent_reason();
}

}  // namespace awf::egress
