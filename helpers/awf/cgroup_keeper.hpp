// A process that owns the cgroups of a run, so that they are removed even after kill -9 of awf.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "awf/cgroup_limits.hpp"
#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"

namespace awf::supervisor {

// A fork of this process in a session of its own, with no descriptor but a channel to us. At the
// channel's end, whatever the reason, it kills what is left in the cgroups, removes them and ends.
// Only when it is killed too does an empty cgroup stay, which the next run removes.
//
// To move a process between cgroups takes the kernel some milliseconds (it waits for all
// processors), which pass while the chain does its first steps. What the chain has forked by then
// is moved when it stands still, before the command starts.
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

  // Puts the process and its later children under the limits, some time later.
  void place(pid_t process) const;
  // The same for it and those children that it has already, now; answer() says whether. None of
  // them may fork meanwhile.
  void complete(pid_t process) const;

  // Readable when the answer is there, to complete() or a refusal before; -1 once it was read.
  [[nodiscard]] int watched_fd() const noexcept { return answered_ ? -1 : channel_->fd(); }
  // Nothing: the limits hold. Otherwise why they cannot be had.
  std::optional<std::string> answer();

  // After the run: what happened in the cgroups; then they are removed. Nothing when the keeper
  // was killed meanwhile (the limits held all the same).
  std::optional<CgroupEvents> finish();

 private:
  CgroupKeeper(pid_t pid, MessageChannel channel) noexcept
      : pid_(pid), channel_(std::move(channel)) {}
  void ask(std::string_view what, pid_t process) const;
  void reap() noexcept;

  pid_t pid_;
  std::optional<MessageChannel> channel_;
  bool answered_ = false;
};

}  // namespace awf::supervisor
