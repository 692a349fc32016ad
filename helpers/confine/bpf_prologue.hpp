// Writing classic BPF for seccomp without counting jumps by hand.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/check.hpp"

namespace awf::confine {

// Instructions that stand in front of another program: each path either ends with an answer or
// leaves for that program, which begins right behind the last instruction.
class Prologue {
 public:
  // Loads the 32-bit word at this offset of seccomp_data.
  void load(std::size_t offset) {
    program_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }

  // Ends the filter with this SECCOMP_RET_… action.
  void answer(std::uint32_t action) { program_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

  void leave() {
    leaving_.push_back(program_.size());
    program_.push_back(BPF_STMT(BPF_JMP | BPF_JA, 0));
  }

  // Runs what `body` writes when the loaded word compares so (BPF_JEQ, BPF_JGT, BPF_JGE) to the
  // value, and goes on behind it otherwise.
  template <typename Body>
  void when(unsigned comparison, std::uint32_t value, const Body& body) {
    const auto [jump, length] = write_branch(comparison, value, body);
    program_[jump].jf = length;
  }

  // The same when it does not compare so.
  template <typename Body>
  void unless(unsigned comparison, std::uint32_t value, const Body& body) {
    const auto [jump, length] = write_branch(comparison, value, body);
    program_[jump].jt = length;
  }

  [[nodiscard]] std::vector<sock_filter> finish() && {
    for (const std::size_t at : leaving_) {
      program_[at].k = static_cast<std::uint32_t>(program_.size() - at - 1);
    }
    return std::move(program_);
  }

 private:
  template <typename Body>
  std::pair<std::size_t, std::uint8_t> write_branch(unsigned comparison, std::uint32_t value,
                                                    const Body& body) {
    const std::size_t jump = program_.size();
    const auto code = static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K);
    program_.push_back(BPF_JUMP(code, value, 0, 0));
    body();
    const std::size_t length = program_.size() - jump - 1;
    verify(length <= UINT8_MAX, "a conditional jump of the filter is short");
    return {jump, static_cast<std::uint8_t>(length)};
  }

  std::vector<sock_filter> program_;
  std::vector<std::size_t> leaving_;
};

}  // namespace awf::confine
