// Which names are guarded: those of AWF_ONE_SHOT_TOKENS, else the sensitive names of the policy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "policy/secret_names.hpp"

namespace awf::preload {

inline constexpr std::size_t kMaxListedNames = 100;
inline constexpr std::size_t kMaxNameBytes = 255;

// Where a name stands, for the program's whole life.
struct Guarded {
  const char* name = nullptr;
  std::size_t size = 0;      // of the name
  char* value = nullptr;     // in locked memory, NUL-terminated; null: never seen
  std::size_t capacity = 0;  // of the memory behind `value`
  bool taken = false;        // read, and with that gone from environ: `value` is what it reads as
};

class NameList {
 public:
  // "A, B": trimmed; what is empty, too long or holds '=' is passed over; at most 100. Nothing left
  // (or null): the policy's names. `storage` must hold strlen(list) + 1 bytes for the whole life.
  void fill(const char* list, char* storage) noexcept {
    if (list != nullptr) fill_from(list, storage);
    if (size_ == 0) {
      for (const std::string_view name : policy::sensitive_names())
        add(name);
    }
  }

  // Most names end at the first test: a getenv of an unlisted one must cost next to nothing.
  [[nodiscard]] Guarded* find(const char* name) noexcept {
    const auto first = static_cast<unsigned char>(name[0]);
    if (first == 0 || (seconds_[first % kFirsts] & bit_of(name[1])) == 0) return nullptr;
    const std::size_t size = std::strlen(name);
    if ((sizes_ & bit_of_size(size)) == 0) return nullptr;
    for (std::size_t i = 0; i < size_; ++i) {
      if (names_[i].size == size && std::memcmp(names_[i].name, name, size) == 0) {
        return &names_[i];
      }
    }
    return nullptr;
  }

  [[nodiscard]] Guarded* begin() noexcept { return names_; }
  [[nodiscard]] Guarded* end() noexcept { return names_ + size_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kFirsts = 128;
  static constexpr std::size_t kCapacity = policy::sensitive_names().size() > kMaxListedNames
                                               ? policy::sensitive_names().size()
                                               : kMaxListedNames;

  static constexpr std::uint64_t bit_of(char second) noexcept {
    return std::uint64_t{1} << (static_cast<unsigned char>(second) % 64U);
  }
  static constexpr std::uint64_t bit_of_size(std::size_t size) noexcept {
    return std::uint64_t{1} << (size % 64U);
  }

  void add(std::string_view name) noexcept {
    if (size_ == kCapacity) return;
    names_[size_].name = name.data();
    names_[size_].size = name.size();
    ++size_;
    seconds_[static_cast<unsigned char>(name.data()[0]) % kFirsts] |=
        bit_of(name.size() > 1 ? name.data()[1] : '\0');
    sizes_ |= bit_of_size(name.size());
  }

  void fill_from(const char* list, char* storage) noexcept {
    constexpr auto kIsSpace = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
    std::memcpy(storage, list, std::strlen(list) + 1);
    const char* at = storage;
    while (*at != '\0' && size_ < kMaxListedNames) {
      const char* end = at;
      while (*end != '\0' && *end != ',')
        ++end;
      const char* next = *end == ',' ? end + 1 : end;
      while (at < end && kIsSpace(*at))
        ++at;
      while (at < end && kIsSpace(end[-1]))
        --end;
      const auto size = static_cast<std::size_t>(end - at);
      if (size > 0 && size <= kMaxNameBytes && std::memchr(at, '=', size) == nullptr) {
        add({at, size});
      }
      at = next;
    }
  }

  Guarded names_[kCapacity];
  std::size_t size_ = 0;
  std::uint64_t seconds_[kFirsts] = {};  // for each first byte, a bit for each second one
  std::uint64_t sizes_ = 0;
};

}  // namespace awf::preload
