// A process that owns the cgroups of a run, so that they are removed even after kill -9 of awf.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "awf/cgroup_limits.hpp"
#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"

namespace awf::supervisor {

// A fork of this process in a session of its own, with no descriptor but a channel to us. At the
// channel's end, whatever the reason, it kills what is left in the cgroups, removes them and ends.
// Only when it is killed too does an empty cgroup stay, which the next run removes.
//
// To move a process between cgroups takes the kernel some milliseconds (it waits for all
// processors), which pass while the chain does its first steps.
class CgroupKeeper {
 public:
  // Throws SystemFailure. One thread only.
  static CgroupKeeper start(const CgroupLimits& limits);

  CgroupKeeper(CgroupKeeper&& other) noexcept;
  CgroupKeeper& operator=(CgroupKeeper&&) = delete;
  CgroupKeeper(const CgroupKeeper&) = delete;
  CgroupKeeper& operator=(const CgroupKeeper&) = delete;
  // Waits until the cgroups are removed.
  ~CgroupKeeper();

  // Puts the process and its later children under the limits; await_placed() is the answer.
  void place(pid_t process) const;

  // Readable when the answer is there; -1 once it was read.
  [[nodiscard]] int watched_fd() const noexcept { return answered_ ? -1 : channel_->fd(); }
  // Nothing: the limits hold. Otherwise why they cannot be had.
  std::optional<std::string> answer();

  // After the run: what happened in the cgroups; then they are removed. Nothing when the keeper
  // was killed meanwhile (the limits held all the same).
  std::optional<CgroupEvents> finish();

 private:
  CgroupKeeper(pid_t pid, MessageChannel channel) noexcept
      : pid_(pid), channel_(std::move(channel)) {}
  void reap() noexcept;

  pid_t pid_;
  std::optional<MessageChannel> channel_;
  bool answered_ = false;
};

}  // namespace awf::supervisor
