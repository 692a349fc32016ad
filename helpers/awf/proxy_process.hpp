// The egress proxy of a run as a process: started, given its sockets, started again, ended.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awf/plan.hpp"
#include "awf/run_logs.hpp"
#include "common/child.hpp"
#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"

namespace awf::supervisor {

// Not copyable, one thread. What outlives each process of it is kept here: the listening sockets,
// so that connections wait in their queues, and which address stands for which name.
class ProxyProcess {
 public:
  // Borrows both for its lifetime. Throws SystemFailure.
  ProxyProcess(const Plan& plan, const RunLogs& logs);

  void start();

  // Readable when a message or the end is there; -1 when no proxy runs any more.
  [[nodiscard]] int watched_fd() const noexcept { return channel_ ? channel_->fd() : -1; }
  // Nothing: the proxy has ended.
  [[nodiscard]] std::optional<Message> receive() { return channel_->receive(); }

  // The sockets of the sandbox, which it serves from now on, as every later one does.
  void serve(std::vector<UniqueFd> sockets);

  // No error when it has ended meanwhile: that is the next thing that is received.
  void tell(std::string_view text) const;

  // After receive() gave nothing: the wait status of the one that ended. Call restart() next.
  int ended();
  // False when it has ended too often; then the sockets are closed, and what the command tries is
  // refused instead of queued.
  bool restart();

  // Waits, for a bounded time, until its logs are complete.
  void finish();

 private:
  void send_sockets() const;

  const Plan& plan_;
  const RunLogs& logs_;
  UniqueFd mapped_names_;
  std::vector<UniqueFd> sockets_;
  std::optional<Child> process_;
  std::optional<MessageChannel> channel_;
  int restarts_ = 0;
};

// The environment of our own programs: they need none. What the command gets travels by descriptor.
std::vector<std::string> service_environment();

}  // namespace awf::supervisor
