#include "net/pipe_pool.hpp"

#include <fcntl.h>

#include <csignal>
#include <utility>

#include "common/check.hpp"

namespace awf::net {

PipePool::PipePool(std::size_t keep, std::size_t bytes) : keep_(keep), bytes_(bytes) {
  // splice(2) has no MSG_NOSIGNAL: a peer that has closed would end the whole proxy.
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) throw_system_failure("ignoring SIGPIPE", errno);
}

SplicePipe PipePool::take() {
  ++borrowed_;
  if (!pooled_.empty()) {
    SplicePipe pipe = std::move(pooled_.back());
    pooled_.pop_back();
    return pipe;
  }
  try {
    SplicePipe pipe{make_pipe(O_NONBLOCK), 0};
    // Refused with EPERM once the user has too much in pipes (pipe(7)); a small pipe works too. So
    // only those that will be kept are made large.
    if (borrowed_ <= keep_) {
      (void)fcntl(pipe.ends.read_end.get(), F_SETPIPE_SZ, static_cast<int>(bytes_));
    }
    pipe.capacity = static_cast<std::size_t>(
        check(fcntl(pipe.ends.read_end.get(), F_GETPIPE_SZ), "reading a pipe's capacity"));
    return pipe;
  } catch (const SystemFailure&) {
    --borrowed_;
    throw;
  }
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
