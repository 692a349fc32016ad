// The lock of the preload library: one word and futex(2), since it must work in constructors, with
// nothing but libc, and in the child of a fork.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace awf::preload {

class RecursiveLock {
 public:
  // False when this thread holds it already: a malloc, or a signal handler, that reads the
  // environment while we change it. The caller then goes on without it and must not unlock.
  bool lock() noexcept {
    if (held_by_me_) return false;
    while (__atomic_exchange_n(&word_, kHeld, __ATOMIC_ACQUIRE) == kHeld) {
      (void)::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, kHeld, nullptr, nullptr, 0);
    }
    held_by_me_ = true;
    return true;
  }

  void unlock() noexcept {
    held_by_me_ = false;
    __atomic_store_n(&word_, kFree, __ATOMIC_RELEASE);
    // Without a count of waiters each unlock wakes; guarded names are read a few times a run.
    (void)::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }

 private:
  static constexpr unsigned kFree = 0;
  static constexpr unsigned kHeld = 1;
  unsigned word_ = kFree;
  // NOLINTNEXTLINE(bugprone-dynamic-static-initializers): constinit where it is defined
  static thread_local bool held_by_me_;
};

class HoldLock {
 public:
  explicit HoldLock(RecursiveLock& lock) noexcept : lock_(lock), ours_(lock.lock()) {}
  ~HoldLock() {
    if (ours_) lock_.unlock();
  }
  HoldLock(const HoldLock&) = delete;
  HoldLock& operator=(const HoldLock&) = delete;

 private:
  RecursiveLock& lock_;
  bool ours_;
};

}  // namespace awf::preload
