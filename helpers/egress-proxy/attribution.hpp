// Who inside made a refused attempt: the name and number of a process, for the audit alone.
//
// The kernel is asked for the socket at once, before the client hears of its refusal; who holds
// that socket only the supervisor may look up, so the record waits for its answer, shortly. No
// decision waits or depends on it: whatever fails here, the record is written without a process.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "egress-proxy/audit_record.hpp"
#include "egress-proxy/socket_diag.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// One thread. Bounded: at most so many records wait, and so many questions are asked in a second.
class Attribution {
 public:
  static constexpr std::size_t kMostWaiting = 32;
  static constexpr unsigned kMostPerSecond = 32;
  static constexpr std::chrono::milliseconds kPatience{100};

  using Done = std::function<void(const AuditRecord&)>;

  // Borrows both.
  Attribution(net::asio::io_context& context, SocketDiag& diag) : diag_(diag), timer_(context) {}

  // `ask` sends a question to the supervisor, "who INODE". Without it nothing is attributed.
  void start(std::function<void(const std::string&)> ask) { ask_ = std::move(ask); }

  // Calls `done` once: now when nothing can be known, otherwise with the answer or without it.
  void attribute(AuditRecord record, Done done);

  // "process INODE PID NAME", or "process INODE" when nobody holds that socket. What answers no
  // question of ours changes nothing.
  void on_answer(std::string_view message);

  // Waits for nothing any more.
  void give_up();

 private:
  struct Waiting {
    AuditRecord record;
    Done done;
    std::uint32_t inode;
    std::chrono::steady_clock::time_point until;
  };

  bool may_ask();
  void arm_timer();

  SocketDiag& diag_;
  std::function<void(const std::string&)> ask_;
  net::asio::steady_timer timer_;
  bool timer_runs_ = false;
  std::deque<Waiting> waiting_;  // in the order of `until`
  std::chrono::steady_clock::time_point second_began_;
  unsigned asked_in_second_ = 0;
};

}  // namespace awf::egress
