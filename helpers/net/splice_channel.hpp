// One direction of a tunnel: from one socket to another, by system calls alone; pump.cpp waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/pipe_pool.hpp"
#include "net/upload_meter.hpp"

namespace awf::net {

// Where bytes come from and go to. Both sockets non-blocking, borrowed, the pool too.
class SpliceChannel {
 public:
  // `initial` goes out first; afterwards at most `limit` bytes are taken from `from`. With a meter,
  // borrowed, `initial` is spent whole or not sent at all, and no byte is taken that is not left.
  SpliceChannel(PipePool& pool, int from, int to, std::string initial,
                std::optional<std::uint64_t> limit, UploadMeter* meter = nullptr);
  SpliceChannel(const SpliceChannel&) = delete;
  SpliceChannel& operator=(const SpliceChannel&) = delete;
  ~SpliceChannel();

  enum class Step : std::uint8_t {
    kMoved,       // bytes moved; there may be more
    kWaitRead,    // nothing more to read, as far as is known without asking
    kWaitWrite,   // bytes wait for room
    kEnd,         // `from` has sent its last byte and `to` has got it
    kLimit,       // the limit is reached and `to` has got the last byte
    kFromFailed,  // reset or another error
    kToFailed,
    kNoPipe,
    kOverBudget,  // there is more to send than the meter has left
  };

  // Moves one pipe's worth of bytes at most. `readable`: the kernel said so since kWaitRead.
  Step step(bool readable);

  // Is there nothing to do before bytes arrive?
  [[nodiscard]] bool starts_with_reading() const noexcept {
    return pending_.empty() && left_ != 0U;
  }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

 private:
  bool spend_pending();
  Step fill(bool readable);
  Step wait_without_budget();
  [[nodiscard]] std::size_t at_most(std::size_t bytes) const noexcept;
  void account(std::size_t taken) noexcept;
  Step read_past_urgent();
  Step send_pending();
  Step drain();
  Step blocked_or(int error, Step blocked, Step failed);
  void release_pipe();

  PipePool& pool_;
  UploadMeter* meter_;
  int from_;
  int to_;
  std::string pending_;  // in user space, sent before what is in the pipe
  std::size_t pending_sent_ = 0;
  std::optional<SplicePipe> pipe_;
  std::size_t in_pipe_ = 0;
  bool pending_spent_ = false;         // pending_ is paid for
  bool emptied_ = false;               // the last read took all there was, by its size
  std::optional<std::uint64_t> left_;  // until the limit
  std::uint64_t sent_ = 0;
};

}  // namespace awf::net
