#include "exit-relay/descriptors.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "common/check.hpp"

namespace awf::exit_relay {
namespace {

void close_from_to(unsigned first, unsigned last) {
  if (first > last) return;
  check(::syscall(SYS_close_range, first, last, 0U), "closing descriptors");
}

}  // namespace

void close_descriptors_except(std::vector<int> keep) {
  keep.push_back(STDERR_FILENO);
  std::sort(keep.begin(), keep.end());
  unsigned first = 0;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > first) close_from_to(first, kept - 1);
    first = std::max(first, kept + 1);
  }
  close_from_to(first, ~0U);
}

}  // namespace awf::exit_relay
