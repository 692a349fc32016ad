#include "common/run_main.hpp"

#include <unistd.h>

#include <exception>
#include <string>

#include "common/exit_code.hpp"

#ifdef AWF_LEAKS_ARE_CHECKED
#include <sanitizer/lsan_interface.h>
#include <sys/prctl.h>

// The check at exit traces the process, which fails where a system call filter refuses that.
int __lsan_is_turned_off() {
  return ::prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) == 0 ? 0 : 1;
}
#endif

namespace awf {

void report(std::string_view program, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string line(program);
  line += ": ";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      line += "\\x";
      line += kHex[byte >> 4U];
      line += kHex[byte & 0xfU];
    } else {
      line += c;
    }
  }
  line += '\n';
  // Nobody is left to tell when stderr itself fails.
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

int run_main(std::string_view program, const std::function<int()>& body) {
  try {
    return body();
  } catch (const std::exception& failure) {
    report(program, failure.what());
    return exit_code::kRefused;
  }
}

}  // namespace awf
