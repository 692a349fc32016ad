// The values to hide, as they come over the descriptor.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/secret.hpp"
#include "redact/forms.hpp"

namespace awf::redact {

// As much as the environment records of awf-unset-tokens, from which the values come.
inline constexpr std::size_t kMaxSecretBytes = 4UL << 20U;

// Reads the descriptor to its end into locked memory: values ended by a NUL byte, which the last
// may lack. Throws SystemFailure, or Refusal when there is more than kMaxSecretBytes.
Secret read_secrets(int fd);

// The values in `bytes`, borrowed; empty ones left out.
std::vector<std::string_view> values_in(std::string_view bytes);

// Throws Refusal, with the value's number (from 1) and the reason, when one cannot be hidden.
Forms forms_of(const std::vector<std::string_view>& values);

}  // namespace awf::redact
