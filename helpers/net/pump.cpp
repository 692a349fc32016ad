// Two SpliceChannels and the waiting around them. Asio's descriptors are registered with epoll
// once; an async_wait re-arms its event, so a wait that starts after the event came still ends.
#include "net/pump.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "net/splice_channel.hpp"

namespace awf::net {

using Clock = std::chrono::steady_clock;
using Step = SpliceChannel::Step;

std::string_view describe(PumpEnd end) noexcept {
  switch (end) {
    case PumpEnd::kFinished:
      return "finished";
    case PumpEnd::kClientAborted:
      return "client aborted";
    case PumpEnd::kUpstreamAborted:
      return "upstream aborted";
    case PumpEnd::kClientLeft:
      return "the client left";
    case PumpEnd::kIdleLimit:
      return "idle limit";
    case PumpEnd::kTotalLimit:
      return "total time limit";
    case PumpEnd::kStopped:
      return "stopped";
    case PumpEnd::kNoResources:
      return "no pipe could be made";
    case PumpEnd::kOverBudget:
      return "upload budget spent";
  }
  return "unknown";
}

struct Pump::Direction {
  Direction(PipePool& pool, tcp::socket& source, tcp::socket& target, std::string initial,
            UploadMeter* meter, PumpEnd from_abort, PumpEnd to_abort)
      : from(source),
        to(target),
        from_aborted(from_abort),
        to_aborted(to_abort),
        channel(pool, source.native_handle(), target.native_handle(), std::move(initial),
                std::nullopt, meter) {}

  tcp::socket& from;
  tcp::socket& to;
  PumpEnd from_aborted;
  PumpEnd to_aborted;
  bool closed = false;  // ended, and its end was passed on
  SpliceChannel channel;
};

struct Pump::State {
  State(PipePool& pool, tcp::socket client_side, tcp::socket upstream_side, PumpOptions& options,
        OnDone done)
      : client(std::move(client_side)),
        upstream(std::move(upstream_side)),
        up_meter(std::move(options.up_meter)),
        up(pool, client, upstream, std::move(options.initial_up), up_meter.get(),
           PumpEnd::kClientAborted, PumpEnd::kUpstreamAborted),
        down(pool, upstream, client, std::move(options.initial_down), nullptr,
             PumpEnd::kUpstreamAborted, PumpEnd::kClientAborted),
        presence(options.presence),
        idle_limit(options.idle_limit),
        half_closed_idle_limit(options.half_closed_idle_limit),
        total_deadline(Clock::now() + options.total_limit),
        last_activity(Clock::now()),
        timer(client.get_executor()),
        on_done(std::move(done)) {}

  tcp::socket client;
  tcp::socket upstream;
  std::shared_ptr<UploadMeter> up_meter;
  Direction up;
  Direction down;
  ClientPresence* presence;
  std::chrono::milliseconds idle_limit;
  std::chrono::milliseconds half_closed_idle_limit;
  Clock::time_point total_deadline;
  Clock::time_point last_activity;
  asio::steady_timer timer;
  OnDone on_done;
  bool ended = false;
};

Pump::Pump(std::unique_ptr<State> state) : state_(std::move(state)) {}

Pump::~Pump() = default;

std::shared_ptr<Pump> Pump::start(PipePool& pool, tcp::socket client, tcp::socket upstream,
                                  PumpOptions options, OnDone on_done) {
  for (tcp::socket* socket : {&client, &upstream}) {
    // Errors mean that the peer is gone already, which the first step finds too. Asio knows without
    // a system call whether it has made a socket non-blocking before.
    ErrorCode ignored;
    if (!socket->native_non_blocking()) (void)socket->native_non_blocking(true, ignored);
  }
  ErrorCode ignored;  // the upstream got this from the Dialer
  (void)client.set_option(tcp::no_delay(true), ignored);
  std::shared_ptr<Pump> pump(new Pump(std::make_unique<State>(
      pool, std::move(client), std::move(upstream), options, std::move(on_done))));
  for (Direction* direction : {&pump->state_->up, &pump->state_->down}) {
    if (pump->state_->ended) break;
    if (direction->channel.starts_with_reading()) {
      pump->wait(*direction, direction->from, tcp::socket::wait_read);
    } else {
      pump->run(*direction, false);
    }
  }
  pump->arm_timer();
  return pump;
}

PumpTotals Pump::totals() const noexcept {
  return {state_->up.channel.sent(), state_->down.channel.sent(), PumpEnd::kFinished};
}

// Moves what can be moved now, but no more than its turn, and starts the next wait.
void Pump::run(Direction& direction, bool readable) {
  if (state_->ended) return;
  const std::uint64_t before = direction.channel.sent();
  Step step = Step::kMoved;
  for (int round = 0; step == Step::kMoved && round < kPumpRoundsPerTurn; ++round) {
    step = direction.channel.step(readable && round == 0);
  }
  if (direction.channel.sent() != before) state_->last_activity = Clock::now();
  switch (step) {
    case Step::kMoved:
      return asio::post(state_->client.get_executor(),
                        [self = shared_from_this(), &direction] { self->run(direction, false); });
    case Step::kWaitRead:
      return wait(direction, direction.from, tcp::socket::wait_read);
    case Step::kWaitWrite:
      return wait(direction, direction.to, tcp::socket::wait_write);
    case Step::kEnd:
    case Step::kLimit:  // has none
      return pass_end_on(direction);
    case Step::kFromFailed:
      return end(direction.from_aborted);
    case Step::kToFailed:
      return end(direction.to_aborted);
    case Step::kNoPipe:
      return end(PumpEnd::kNoResources);
    case Step::kOverBudget:
      return end(PumpEnd::kOverBudget);
  }
}

void Pump::wait(Direction& direction, tcp::socket& socket, tcp::socket::wait_type event) {
  socket.async_wait(event, [self = shared_from_this(), &direction, event](const ErrorCode& error) {
    if (error || self->state_->ended) return;  // closed by end()
    self->run(direction, event == tcp::socket::wait_read);
  });
}

// The half-close of TCP, which protocols use to say "no more requests" while answers still come.
void Pump::pass_end_on(Direction& direction) {
  direction.closed = true;
  // Of the last direction, closing tells the end.
  if (state_->down.closed && state_->up.closed) return end(PumpEnd::kFinished);
  ErrorCode ignored;  // a peer that is gone shows in the other direction
  (void)direction.to.shutdown(tcp::socket::shutdown_send, ignored);
  watch_for_reset(direction);
  arm_timer();  // the limit is shorter now
}

// A direction that is not read any more would not notice that its source was reset.
void Pump::watch_for_reset(Direction& direction) {
  direction.from.async_wait(tcp::socket::wait_error,
                            [self = shared_from_this(), &direction](const ErrorCode& error) {
                              if (error || self->state_->ended) return;
                              int fault = 0;
                              socklen_t size = sizeof fault;
                              const int fd = direction.from.native_handle();
                              const int rc = ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size);
                              // Urgent data or a hang-up in order end this wait too; they are no
                              // reason to end anything.
                              if (rc != 0 || fault != 0) self->end(direction.from_aborted);
                            });
}

// One timer, moved lazily: activity only notes the time, the timer looks at the note.
void Pump::arm_timer() {
  if (state_->ended) return;
  const bool half_closed = state_->up.closed || state_->down.closed;
  const auto idle = half_closed ? std::min(state_->half_closed_idle_limit, state_->idle_limit)
                                : state_->idle_limit;
  const auto idle_deadline = state_->last_activity + idle;
  const auto now = Clock::now();
  if (now >= state_->total_deadline) return end(PumpEnd::kTotalLimit);
  if (now >= idle_deadline) return end(PumpEnd::kIdleLimit);
  auto next = std::min(idle_deadline, state_->total_deadline);
  if (state_->presence != nullptr && state_->up.closed) {
    next = std::min(next, now + state_->presence->check_interval());
  }
  state_->timer.expires_at(next);
  state_->timer.async_wait([self = shared_from_this()](const ErrorCode& error) {
    if (!error) self->on_timer();
  });
}

void Pump::on_timer() {
  if (state_->ended) return;
  const bool may_have_left = state_->presence != nullptr && state_->up.closed;
  if (may_have_left && state_->presence->has_left(state_->client)) {
    return end(PumpEnd::kClientLeft);
  }
  arm_timer();
}

void Pump::stop() {
  end(PumpEnd::kStopped);
}

void Pump::end(PumpEnd reason) {
  if (state_->ended) return;
  state_->ended = true;
  state_->timer.cancel();
  for (tcp::socket* socket : {&state_->client, &state_->upstream}) {
    ErrorCode ignored;  // closing cannot be refused
    // What was cut off must not look complete: close with a reset (socket(7), SO_LINGER). All that
    // a client sent before it left is on its way and is not cut off.
    if (reason != PumpEnd::kFinished && reason != PumpEnd::kClientLeft) {
      (void)socket->set_option(asio::socket_base::linger(true, 0), ignored);
    }
    (void)socket->close(ignored);
  }
  PumpTotals result = totals();
  result.reason = reason;
  asio::post(state_->timer.get_executor(), [self = shared_from_this(), result] {
    const OnDone on_done = std::exchange(self->state_->on_done, nullptr);
    on_done(result);
  });
}

}  // namespace awf::net
