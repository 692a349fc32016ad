// Memory for values that must not reach a disk: neither by swapping nor in a core file.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace awf::preload {

// At least `size` bytes of zeroes, or null when the kernel has none; never freed, since a pointer
// into it may be in the hands of the program. mlock(2) fails beyond RLIMIT_MEMLOCK: the value is
// then readable in swap space, as it would be without us, and madvise(2) still keeps it out of core
// files (MADV_DONTDUMP, Linux 3.4).
inline char* map_locked(std::size_t size, std::size_t* capacity) noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t rounded = (size + page - 1) / page * page;
  void* memory =
      ::mmap(nullptr, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  (void)::mlock(memory, rounded);
  (void)::madvise(memory, rounded, MADV_DONTDUMP);
  *capacity = rounded;
  return static_cast<char*>(memory);
}

}  // namespace awf::preload
