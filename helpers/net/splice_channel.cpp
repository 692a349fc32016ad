// socket → pipe → socket. The pipe is filled only when it is empty: a full pipe and an empty socket
// are both EAGAIN (splice(2)), and only then is it known which one it was.
#include "net/splice_channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace awf::net {
namespace {

constexpr unsigned kFlags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

// A read of less than this has probably emptied the socket. The next question is then left to
// epoll, which a request or an answer that fits one packet saves a system call.
constexpr std::size_t kShortRead = std::size_t{16} * 1024;

// What one rescue from an urgent mark reads at most.
constexpr std::size_t kRescueBytes = 4096;

template <typename Call>
ssize_t uninterrupted(Call call) {
  for (;;) {
    const ssize_t count = call();
    if (count >= 0 || errno != EINTR) return count;
  }
}

}  // namespace

SpliceChannel::SpliceChannel(PipePool& pool, int from, int to, std::string initial,
                             std::optional<std::uint64_t> limit, UploadMeter* meter)
    : pool_(pool),
      meter_(meter),
      from_(from),
      to_(to),
      pending_(std::move(initial)),
      left_(limit) {}

SpliceChannel::~SpliceChannel() {
  release_pipe();
}

void SpliceChannel::release_pipe() {
  if (!pipe_) return;
  if (in_pipe_ == 0) {
    pool_.give_back(std::move(*pipe_));
  } else {
    pool_.forget(std::move(*pipe_));
  }
  pipe_.reset();
}

SpliceChannel::Step SpliceChannel::step(bool readable) {
  if (!pending_.empty()) return spend_pending() ? send_pending() : Step::kOverBudget;
  if (in_pipe_ == 0) {
    if (left_ == 0U) return Step::kLimit;
    const Step filled = fill(readable);
    if (in_pipe_ == 0) release_pipe();
    if (filled != Step::kMoved || in_pipe_ == 0) return filled;
  }
  const Step drained = drain();
  if (in_pipe_ == 0) release_pipe();
  return drained == Step::kMoved && emptied_ && left_ != 0U ? Step::kWaitRead : drained;
}

SpliceChannel::Step SpliceChannel::blocked_or(int error, Step blocked, Step failed) {
  return error == EAGAIN || error == EWOULDBLOCK ? blocked : failed;
}

bool SpliceChannel::spend_pending() {
  if (meter_ == nullptr || std::exchange(pending_spent_, true)) return true;
  if (pending_.size() > meter_->left()) return false;
  meter_->spend(pending_.size());
  return true;
}

std::size_t SpliceChannel::at_most(std::size_t bytes) const noexcept {
  std::uint64_t most = bytes;
  if (left_) most = std::min(most, *left_);
  if (meter_ != nullptr) most = std::min(most, meter_->left());
  return static_cast<std::size_t>(most);
}

void SpliceChannel::account(std::size_t taken) noexcept {
  if (left_) *left_ -= taken;
  if (meter_ != nullptr) meter_->spend(taken);
}

// A budget that is spent to the last byte is not exceeded yet: the end of data may still pass.
SpliceChannel::Step SpliceChannel::wait_without_budget() {
  char next = 0;
  const ssize_t count =
      uninterrupted([&] { return ::recv(from_, &next, 1, MSG_PEEK | MSG_DONTWAIT); });
  if (count == 0) return Step::kEnd;
  return count > 0 ? Step::kOverBudget : blocked_or(errno, Step::kWaitRead, Step::kFromFailed);
}

SpliceChannel::Step SpliceChannel::fill(bool readable) {
  if (meter_ != nullptr && meter_->left() == 0) return wait_without_budget();
  if (!pipe_) pipe_ = pool_.take();
  if (!pipe_) return Step::kNoPipe;
  const std::size_t most = at_most(pipe_->capacity);
  const int into = pipe_->ends.write_end.get();
  const ssize_t count =
      uninterrupted([&] { return ::splice(from_, nullptr, into, nullptr, most, kFlags); });
  if (count == 0) return Step::kEnd;
  if (count < 0) {
    const Step why = blocked_or(errno, Step::kWaitRead, Step::kFromFailed);
    return why == Step::kWaitRead && readable ? read_past_urgent() : why;
  }
  in_pipe_ = static_cast<std::size_t>(count);
  emptied_ = in_pipe_ < kShortRead && in_pipe_ < most;
  account(in_pipe_);
  return Step::kMoved;
}

// splice(2) never passes a byte sent with MSG_OOB: it says EAGAIN while the socket stays readable,
// so that a hostile peer could make the event loop spin. recv(2) passes it, as an ordinary byte
// (RFC 6093 §2: urgent data is in-line).
SpliceChannel::Step SpliceChannel::read_past_urgent() {
  const int on = 1;
  if (::setsockopt(from_, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on) != 0) return Step::kFromFailed;
  std::array<char, kRescueBytes> buffer;
  const std::size_t most = at_most(buffer.size());
  const ssize_t count =
      uninterrupted([&] { return ::recv(from_, buffer.data(), most, MSG_DONTWAIT); });
  if (count == 0) return Step::kEnd;
  if (count < 0) return blocked_or(errno, Step::kWaitRead, Step::kFromFailed);
  pending_.assign(buffer.data(), static_cast<std::size_t>(count));
  pending_spent_ = true;
  account(pending_.size());
  return Step::kMoved;
}

SpliceChannel::Step SpliceChannel::send_pending() {
  const ssize_t count = uninterrupted([&] {
    return ::send(to_, pending_.data() + pending_sent_, pending_.size() - pending_sent_,
                  MSG_NOSIGNAL | MSG_DONTWAIT);
  });
  if (count < 0) return blocked_or(errno, Step::kWaitWrite, Step::kToFailed);
  pending_sent_ += static_cast<std::size_t>(count);
  sent_ += static_cast<std::uint64_t>(count);
  if (pending_sent_ == pending_.size()) {
    // An idle tunnel holds no buffer. Assigning an empty string would keep the old one's memory
    // (libstdc++ copies short strings into what is there); swapping frees it.
    std::string().swap(pending_);
    pending_spent_ = false;
    pending_sent_ = 0;
    // Whoever sent this first, a hello or a request, mostly waits for an answer now.
    if (left_ != 0U) return Step::kWaitRead;
  }
  return Step::kMoved;
}

SpliceChannel::Step SpliceChannel::drain() {
  const int out_of = pipe_->ends.read_end.get();
  while (in_pipe_ > 0) {
    const ssize_t count =
        uninterrupted([&] { return ::splice(out_of, nullptr, to_, nullptr, in_pipe_, kFlags); });
    if (count < 0) return blocked_or(errno, Step::kWaitWrite, Step::kToFailed);
    if (count == 0) return Step::kToFailed;  // the pipe holds bytes, so nothing was said here
    in_pipe_ -= static_cast<std::size_t>(count);
    sent_ += static_cast<std::uint64_t>(count);
  }
  return Step::kMoved;
}

}  // namespace awf::net
