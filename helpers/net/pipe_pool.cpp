#include "net/pipe_pool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "common/check.hpp"

namespace awf::net {

PipePool::PipePool(std::size_t keep, std::size_t bytes) : keep_(keep), bytes_(bytes) {
  // splice(2) has no MSG_NOSIGNAL: a peer that has closed would end the whole proxy.
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) throw_system_failure("ignoring SIGPIPE", errno);
}

std::optional<SplicePipe> PipePool::take() {
  if (!pooled_.empty()) {
    SplicePipe pipe = std::move(pooled_.back());
    pooled_.pop_back();
    ++borrowed_;
    return pipe;
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::nullopt;
  SplicePipe pipe{{UniqueFd(ends[0]), UniqueFd(ends[1])}, 0};
  // Refused with EPERM once the user has too much in pipes (pipe(7)); a small pipe works too. So
  // only those that will be kept are made large.
  if (borrowed_ < keep_) (void)::fcntl(ends[0], F_SETPIPE_SZ, static_cast<int>(bytes_));
  const int capacity = ::fcntl(ends[0], F_GETPIPE_SZ);
  if (capacity <= 0) return std::nullopt;
  pipe.capacity = static_cast<std::size_t>(capacity);
  ++borrowed_;
  return pipe;
}

void PipePool::give_back(SplicePipe pipe) {
  --borrowed_;
  if (pooled_.size() < keep_) pooled_.push_back(std::move(pipe));
}

void PipePool::forget(SplicePipe pipe) {
  --borrowed_;
  pipe.ends = {};  // closes both ends
}

}  // namespace awf::net
