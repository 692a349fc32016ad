// Which system calls the command may make. An allow-list: what stands nowhere here is refused.
#pragma once

#include <cstdint>
#include <span>

namespace awf::confine {

// Allowed with any argument. A name that one architecture does not have is left out there.
std::span<const char* const> allowed_calls() noexcept;

// Answered with ENOSYS, as by a kernel that does not have them, because libc then takes an older
// call that the filter can judge.
std::span<const char* const> absent_calls() noexcept;

// Linux gives calls the same number on all architectures from 424 on. From this one on they are
// judged by number, since the libseccomp of Ubuntu 22.04 (2.5.3, for Linux 5.15) has no names for
// them; what is not in allowed_newer_calls() gets ENOSYS, every call that is still to come
// included.
inline constexpr std::uint32_t kFirstNewerCall = 449;

struct CallRange {
  std::uint32_t first;
  std::uint32_t last;
};
std::span<const CallRange> allowed_newer_calls() noexcept;

}  // namespace awf::confine
