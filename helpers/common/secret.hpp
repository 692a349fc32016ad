// Bytes that must not be seen: kept out of swap space and core files, wiped before they go.
#pragma once

#include <cstddef>
#include <string_view>

namespace awf {

// A growable buffer in pages of its own. Whatever memory it gives up was wiped before. Move-only,
// and on purpose without anything that a logger or a stream could print: reveal() is the one word
// to look for in a review.
//
// The pages are outside core files (MADV_DONTDUMP), and outside swap space as far as RLIMIT_MEMLOCK
// lets us: see all_locked(). A child of fork(2) sees zeroes (MADV_WIPEONFORK).
class Secret {
 public:
  Secret() noexcept = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // Throws SystemFailure when the kernel has no memory. `bytes` may lie in this very buffer.
  void append(std::string_view bytes);
  void append(char byte) { append(std::string_view(&byte, 1)); }
  // At least this many bytes; the new ones are zero. Never makes it smaller.
  void grow_to(std::size_t size);
  // Wipes the content and keeps the memory.
  void clear() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Borrowed until the next append, grow_to or clear.
  [[nodiscard]] std::string_view reveal() const noexcept { return {memory_, size_}; }
  [[nodiscard]] char* data() noexcept { return memory_; }

  // Has every buffer of this process been locked into memory (mlock(2)) so far?
  [[nodiscard]] static bool all_locked() noexcept;

 private:
  void reserve(std::size_t capacity);
  void release() noexcept;

  char* memory_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace awf
