#include "egress-proxy/audit_log.hpp"

#include <spdlog/spdlog.h>

#include "common/file.hpp"

namespace awf::egress {
namespace {

constexpr std::chrono::milliseconds kFlushAfter{200};
constexpr std::size_t kFlushBytes = std::size_t{64} * 1024;

}  // namespace

AuditLog::AuditLog(net::asio::io_context& context, UniqueFd audit, UniqueFd access_log,
                   AuditBudget budget)
    : audit_(std::move(audit)),
      access_log_(std::move(access_log)),
      budget_(std::move(budget)),
      timer_(context) {}

void AuditLog::arm() {
  armed_at_ = std::chrono::system_clock::now();
}

void AuditLog::record(const AuditRecord& record) {
  if (!armed_at_ || record.time < *armed_at_) return;
  if (!budget_.admits(record)) return flush_later();
  // A record of repetitions is about sockets that may be gone, and others have their ports by now.
  const bool has_process = record.verdict == policy::Verdict::kDeny && record.repeats == 0;
  if (attribution_ == nullptr || !has_process) return write(record);
  attribution_->attribute(record, [this](const AuditRecord& known) { write(known); });
}

void AuditLog::write(const AuditRecord& record) {
  const std::string line = audit_line(record);
  spdlog::debug("{}", std::string_view(line).substr(0, line.size() - 1));
  audit_lines_ += line;
  const std::string access = access_line(record);
  access_lines_ += access;
  budget_.spend(record.verdict, line.size() + access.size());
  // A refusal is what an attack looks like: it has to be on disk even if we are killed next.
  if (record.verdict == policy::Verdict::kDeny || audit_lines_.size() >= kFlushBytes) {
    flush();
  } else {
    flush_later();
  }
}

void AuditLog::flush() {
  // Whole lines in one write(2) each: with O_APPEND they stay whole beside another writer's.
  if (!audit_lines_.empty()) write_all(audit_.get(), audit_lines_, "writing the audit");
  audit_lines_.clear();
  if (!access_lines_.empty()) write_all(access_log_.get(), access_lines_, "writing the access log");
  access_lines_.clear();
}

void AuditLog::tell_rest(bool last) {
  if (const auto rest = budget_.rest(std::chrono::system_clock::now(), last)) write(*rest);
}

void AuditLog::finish() {
  tell_rest(true);
  flush();
}

void AuditLog::flush_later() {
  if (timer_runs_) return;
  timer_runs_ = true;
  timer_.expires_after(kFlushAfter);
  timer_.async_wait([this](const net::ErrorCode& error) {
    if (error) return;  // the log is gone
    timer_runs_ = false;
    tell_rest(false);
    flush();
  });
}

}  // namespace awf::egress
