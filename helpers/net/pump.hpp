// Moving bytes between two connected sockets both ways until they end, by splice(2).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/asio.hpp"
#include "net/client_presence.hpp"
#include "net/limits.hpp"
#include "net/pipe_pool.hpp"
#include "net/upload_meter.hpp"

namespace awf::net {

enum class PumpEnd : std::uint8_t {
  kFinished,         // both sides closed in order
  kClientAborted,    // reset by the client; upstream was reset too
  kUpstreamAborted,  // reset by the upstream; the client was reset too
  kClientLeft,       // closed by the client, while the upstream had not ended
  kIdleLimit,
  kTotalLimit,
  kStopped,      // stop()
  kNoResources,  // no pipe could be made
  kOverBudget,   // the client sent more than the meter had left
};

// "finished", "client aborted", …: for logs.
std::string_view describe(PumpEnd end) noexcept;

struct PumpTotals {
  std::uint64_t up = 0;    // bytes sent to the upstream, the initial ones included
  std::uint64_t down = 0;  // bytes sent to the client, likewise
  PumpEnd reason = PumpEnd::kFinished;
};

struct PumpOptions {
  std::string initial_up;    // already read from the client: sent to the upstream first
  std::string initial_down;  // already read from the upstream: sent to the client first
  // What the bytes to the upstream are spent from, the initial ones included; empty: no budget.
  std::shared_ptr<UploadMeter> up_meter;
  // Borrowed; nullptr: a client that has closed its half is taken to wait for the other one.
  ClientPresence* presence = nullptr;
  std::chrono::milliseconds idle_limit = kTunnelIdleLimit;
  std::chrono::milliseconds half_closed_idle_limit = kTunnelHalfClosedIdleLimit;
  std::chrono::milliseconds total_limit = kTunnelTotalLimit;
};

// One tunnel. Bytes never enter user space, except the initial ones; a direction holds a pipe only
// while bytes wait in it. The end of one side's data is passed on as shutdown(SHUT_WR), a reset as
// a reset, and that a client has left as closing. It keeps itself alive until on_done has run, then
// closes both sockets.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  using OnDone = std::function<void(const PumpTotals&)>;

  // Both sockets connected; they are made non-blocking, and the client's TCP_NODELAY, which an
  // upstream has from the Dialer. `on_done` runs once, from the io_context, never from inside
  // start() or stop().
  static std::shared_ptr<Pump> start(PipePool& pool, tcp::socket client, tcp::socket upstream,
                                     PumpOptions options, OnDone on_done);

  // Ends it: both sides are reset, on_done gets kStopped.
  void stop();

  [[nodiscard]] PumpTotals totals() const noexcept;

  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

 private:
  struct Direction;
  struct State;
  explicit Pump(std::unique_ptr<State> state);

  void run(Direction& direction, bool readable);
  void wait(Direction& direction, tcp::socket& socket, tcp::socket::wait_type event);
  void pass_end_on(Direction& direction);
  void watch_for_reset(Direction& direction);
  void arm_timer();
  void on_timer();
  void end(PumpEnd reason);

  std::unique_ptr<State> state_;
};

}  // namespace awf::net
