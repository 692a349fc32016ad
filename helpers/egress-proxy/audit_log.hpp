// Where decisions go: audit.jsonl and access.log, both on inherited O_APPEND descriptors.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/unique_fd.hpp"
#include "egress-proxy/attribution.hpp"
#include "egress-proxy/audit_budget.hpp"
#include "egress-proxy/audit_record.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// One thread. Lines are buffered and written together: at a refusal at once, otherwise after a
// short time. A refusal whose process is being looked up waits for that (attribution.hpp). A log
// that cannot be written is an error of the run (SystemFailure out of the event loop ends the
// proxy, and with it all traffic): there is no unaudited connection.
class AuditLog {
 public:
  AuditLog(net::asio::io_context& context, UniqueFd audit, UniqueFd access_log,
           AuditBudget budget = AuditBudget());

  // Refusals get the name of their process from it, when it can tell. Borrowed.
  void attribute_by(Attribution& attribution) { attribution_ = &attribution; }

  // Nothing that was decided before this moment is recorded: the probes of the self-test.
  void arm();

  void record(const AuditRecord& record);
  void flush();
  // The last lines of the run: also how many refusals were only counted.
  void finish();

 private:
  void write(const AuditRecord& record);
  void tell_rest(bool last);
  void flush_later();

  Attribution* attribution_ = nullptr;
  UniqueFd audit_;
  UniqueFd access_log_;
  AuditBudget budget_;
  net::asio::steady_timer timer_;
  bool timer_runs_ = false;
  std::optional<std::chrono::system_clock::time_point> armed_at_;
  std::string audit_lines_;
  std::string access_lines_;
};

}  // namespace awf::egress
