#include "net/transfer.hpp"

#include <utility>

#include "net/limits.hpp"
#include "net/splice_channel.hpp"

namespace awf::net {

using Step = SpliceChannel::Step;

struct Transfer::State {
  State(PipePool& pool, tcp::socket& source, tcp::socket& target, std::string initial,
        std::optional<std::uint64_t> limit, UploadMeter* meter, OnDone done)
      : from(source),
        to(target),
        channel(pool, source.native_handle(), target.native_handle(), std::move(initial), limit,
                meter),
        on_done(std::move(done)) {}

  tcp::socket& from;
  tcp::socket& to;
  SpliceChannel channel;
  OnDone on_done;  // empty when it has ended
};

Transfer::Transfer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Transfer::~Transfer() = default;

std::shared_ptr<Transfer> Transfer::start(PipePool& pool, tcp::socket& from, tcp::socket& to,
                                          std::string initial, std::optional<std::uint64_t> limit,
                                          UploadMeter* meter, OnDone on_done) {
  for (tcp::socket* socket : {&from, &to}) {
    ErrorCode ignored;  // a peer that is gone shows in the first step
    (void)socket->native_non_blocking(true, ignored);
  }
  std::shared_ptr<Transfer> transfer(new Transfer(std::make_unique<State>(
      pool, from, to, std::move(initial), limit, meter, std::move(on_done))));
  if (transfer->state_->channel.starts_with_reading()) {
    transfer->wait(from, tcp::socket::wait_read);
  } else {
    transfer->run(false);
  }
  return transfer;
}

std::uint64_t Transfer::sent() const noexcept {
  return state_->channel.sent();
}

void Transfer::stop() {
  state_->on_done = nullptr;
}

// Moves what can be moved now, but no more than its turn, and starts the next wait.
void Transfer::run(bool readable) {
  if (!state_->on_done) return;
  Step step = Step::kMoved;
  for (int round = 0; step == Step::kMoved && round < kPumpRoundsPerTurn; ++round) {
    step = state_->channel.step(readable && round == 0);
  }
  switch (step) {
    case Step::kMoved:
      return asio::post(state_->from.get_executor(),
                        [self = shared_from_this()] { self->run(false); });
    case Step::kWaitRead:
      return wait(state_->from, tcp::socket::wait_read);
    case Step::kWaitWrite:
      return wait(state_->to, tcp::socket::wait_write);
    case Step::kEnd:
      return finish(TransferEnd::kEndOfData);
    case Step::kLimit:
      return finish(TransferEnd::kComplete);
    case Step::kFromFailed:
      return finish(TransferEnd::kFromAborted);
    case Step::kToFailed:
      return finish(TransferEnd::kToAborted);
    case Step::kNoPipe:
      return finish(TransferEnd::kNoResources);
    case Step::kOverBudget:
      return finish(TransferEnd::kOverBudget);
  }
}

void Transfer::wait(tcp::socket& socket, tcp::socket::wait_type event) {
  socket.async_wait(event, [self = shared_from_this(), event](const ErrorCode& error) {
    if (!error) self->run(event == tcp::socket::wait_read);
  });
}

void Transfer::finish(TransferEnd end) {
  asio::post(state_->from.get_executor(), [self = shared_from_this(), end] {
    if (const OnDone on_done = std::exchange(self->state_->on_done, nullptr)) on_done(end, {});
  });
}

}  // namespace awf::net
