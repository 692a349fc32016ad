#include "common/check.hpp"

#include <system_error>

namespace awf {

SystemFailure::SystemFailure(std::string_view doing, int error_number)
    : std::runtime_error(std::string(doing) + ": " + std::generic_category().message(error_number)),
      error_number_(error_number) {}

void throw_system_failure(std::string_view doing, int error_number) {
  throw SystemFailure(doing, error_number);
}

void verify(bool holds, std::string_view promise) {
  if (!holds) throw Refusal("not proven: " + std::string(promise));
}

}  // namespace awf
