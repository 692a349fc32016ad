// A bound on the connections that are open at one time.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <utility>

namespace awf::egress {

// One thread; outlives its slots. When none is free, a door leaves clients in the kernel's backlog
// and hears when it may go on: overload makes clients wait, it opens nothing.
class ConnectionSlots {
 public:
  // One open connection; gives its place back when it goes.
  class Slot {
   public:
    explicit Slot(ConnectionSlots& slots) noexcept : slots_(&slots) { --slots_->free_; }
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (slots_ != nullptr) slots_->give_back();
    }

   private:
    ConnectionSlots* slots_;
  };

  explicit ConnectionSlots(std::size_t most) noexcept : free_(most) {}

  [[nodiscard]] std::size_t free() const noexcept { return free_; }

  // Calls `resume` once, when a slot has come free; `owner` is for forget() only.
  void when_free(const void* owner, std::function<void()> resume) {
    waiting_[owner] = std::move(resume);
  }
  void forget(const void* owner) { waiting_.erase(owner); }

 private:
  void give_back() {
    ++free_;
    // `resume` only posts to the event loop, so it may not re-enter here.
    for (const auto& [owner, resume] : std::exchange(waiting_, {}))
      resume();
  }

  std::size_t free_;
  std::map<const void*, std::function<void()>> waiting_;
};

}  // namespace awf::egress
