// Runs a seccomp filter as the kernel does, so that its answers can be tested without installing
// it.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <stdexcept>

namespace awf::tests {

// The SECCOMP_RET_… value for this call. Knows the instructions that seccomp filters consist of
// (seccomp_check_filter() in kernel/seccomp.c allows few more); throws std::logic_error for others
// and for a program that runs off its end.
class BpfInterpreter {
 public:
  explicit BpfInterpreter(std::span<const sock_filter> program) : program_(program) {}

  // `looked_at`, when given, takes the indices of the arguments that were loaded.
  [[nodiscard]] std::uint32_t run(const seccomp_data& call,
                                  std::set<std::size_t>* looked_at = nullptr) const {
    std::uint32_t accumulator = 0;
    for (std::size_t at = 0; at < program_.size(); ++at) {
      const sock_filter& code = program_[at];
      switch (code.code) {
        case BPF_LD | BPF_W | BPF_ABS:
          accumulator = word_at(call, code.k);
          if (looked_at != nullptr && code.k >= offsetof(seccomp_data, args)) {
            looked_at->insert((code.k - offsetof(seccomp_data, args)) / sizeof(std::uint64_t));
          }
          break;
        case BPF_ALU | BPF_AND | BPF_K:
          accumulator &= code.k;
          break;
        case BPF_JMP | BPF_JA:
          at += code.k;
          break;
        case BPF_RET | BPF_K:
          return code.k;
        default:
          at += compares(code, accumulator) ? code.jt : code.jf;
      }
    }
    throw std::logic_error("the filter ran off its end");
  }

 private:
  static std::uint32_t word_at(const seccomp_data& call, std::uint32_t offset) {
    if (offset % 4 != 0 || offset + 4 > sizeof call) throw std::logic_error("bad load");
    std::uint32_t word = 0;
    std::memcpy(&word, reinterpret_cast<const char*>(&call) + offset, sizeof word);
    return word;
  }

  static bool compares(const sock_filter& code, std::uint32_t accumulator) {
    switch (code.code) {
      case BPF_JMP | BPF_JEQ | BPF_K:
        return accumulator == code.k;
      case BPF_JMP | BPF_JGT | BPF_K:
        return accumulator > code.k;
      case BPF_JMP | BPF_JGE | BPF_K:
        return accumulator >= code.k;
      case BPF_JMP | BPF_JSET | BPF_K:
        return (accumulator & code.k) != 0;
      default:
        throw std::logic_error("an instruction that seccomp filters do not have");
    }
  }

  std::span<const sock_filter> program_;
};

}  // namespace awf::tests
