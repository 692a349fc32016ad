// A bound on how fast refused packets and lookups can fill the audit.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "egress-proxy/audit_log.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// Lets the first record of a kind pass at once and counts its repetitions for a second; then one
// record stands for all of them ("repeats"). When a second brings too many kinds, such as random
// names, the rest become one record with the name "*". So nothing is lost from the counts and a
// command cannot write the disk full with packets that cost it nothing. One thread.
class AuditThrottle {
 public:
  static constexpr std::size_t kMostKindsPerSecond = 200;

  AuditThrottle(net::asio::io_context& context, AuditLog& log) : log_(log), timer_(context) {}

  void record(const AuditRecord& record);
  // Writes what has been counted so far.
  void flush();

 private:
  struct Kind {
    AuditRecord record;
    std::size_t repeats = 0;
  };

  AuditLog& log_;
  net::asio::steady_timer timer_;
  bool timer_runs_ = false;
  std::unordered_map<std::string, Kind> kinds_;
};

}  // namespace awf::egress
