// A value or the reason why there is none: for input, where failure is an everyday answer.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "common/check.hpp"

namespace awf {

// Why an input was refused, as one line for a person.
struct Error {
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{…};` are how a parser ends.
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return ok(); }

  // Precondition: ok(); std::bad_variant_access otherwise.
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  // Precondition: !ok().
  [[nodiscard]] const std::string& error() const { return std::get<1>(state_).message; }

  // At the border to the control plane: the value, or a Refusal with the reason.
  [[nodiscard]] T or_refuse() && {
    if (!ok()) throw Refusal(error());
    return std::get<0>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace awf
