#include "common/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/check.hpp"

namespace awf {
namespace {

std::atomic<bool>& every_page_is_locked() noexcept {
  static std::atomic<bool> locked{true};
  return locked;
}

std::size_t in_whole_pages(std::size_t size) noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

char* map_pages(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw_system_failure("finding memory for secrets", errno);
  if (::mlock(memory, size) < 0) every_page_is_locked() = false;
  check(::madvise(memory, size, MADV_DONTDUMP), "keeping secrets out of core files");
  check(::madvise(memory, size, MADV_WIPEONFORK), "keeping secrets out of children");
  return static_cast<char*>(memory);
}

}  // namespace

Secret::Secret(Secret&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  release();
  memory_ = std::exchange(other.memory_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

Secret::~Secret() {
  release();
}

void Secret::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t old = size_;
  if (capacity_ - size_ >= bytes.size()) {
    std::memmove(memory_ + old, bytes.data(), bytes.size());
    size_ += bytes.size();
    return;
  }
  // The old pages live until the bytes, which may lie in them, are copied.
  Secret larger;
  larger.reserve(std::max(old + bytes.size(), 2 * capacity_));
  if (old != 0) std::memcpy(larger.memory_, memory_, old);
  std::memcpy(larger.memory_ + old, bytes.data(), bytes.size());
  larger.size_ = old + bytes.size();
  *this = std::move(larger);
}

void Secret::grow_to(std::size_t size) {
  if (size <= size_) return;
  if (size > capacity_) {
    Secret larger;
    larger.reserve(size);
    if (size_ != 0) std::memcpy(larger.memory_, memory_, size_);
    *this = std::move(larger);
  }
  size_ = size;
}

void Secret::clear() noexcept {
  if (memory_ != nullptr) ::explicit_bzero(memory_, size_);
  size_ = 0;
}

bool Secret::all_locked() noexcept {
  return every_page_is_locked();
}

// Precondition: empty, without memory.
void Secret::reserve(std::size_t capacity) {
  capacity_ = in_whole_pages(capacity);
  memory_ = map_pages(capacity_);
}

void Secret::release() noexcept {
  if (memory_ == nullptr) return;
  ::explicit_bzero(memory_, capacity_);
  (void)::munmap(memory_, capacity_);  // fails only for a wrong address
  memory_ = nullptr;
}

}  // namespace awf
