// How a failure of the environment (kernel, file system, library) becomes an exception.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace awf {

// An operation on the environment failed. what() is one line: "doing what: reason".
class SystemFailure : public std::runtime_error {
 public:
  SystemFailure(std::string_view doing, int error_number);
  [[nodiscard]] int error_number() const noexcept { return error_number_; }

 private:
  int error_number_;
};

// A request that cannot be carried out as asked: bad input, or a protection that this machine
// cannot give. what() is one line that says what is wrong, where, and what to do.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void throw_system_failure(std::string_view doing, int error_number);

// Returns rc unchanged when it is not negative; otherwise throws SystemFailure with errno.
// `doing` completes the sentence "… failed while": "opening /proc/self/ns/net".
template <typename Integer>
Integer check(Integer rc, std::string_view doing) {
  if (rc < 0) throw_system_failure(doing, errno);
  return rc;
}

// For promises about the sandbox that must hold in release builds too: throws Refusal.
void verify(bool holds, std::string_view promise);

}  // namespace awf
