// The command's filter, interpreted, for both of its architectures.
#pragma once

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "bpf_interpreter.hpp"
#include "confine/seccomp_compiler.hpp"

namespace awf::confine {

inline constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
inline constexpr std::uint32_t kKill = SECCOMP_RET_KILL_PROCESS;
inline constexpr std::uint64_t kGarbage = 0xdeadbeef00000000U;

constexpr std::uint32_t refused(int error) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

struct Abi {
  const char* name;
  std::uint32_t token;
};

using Words = std::vector<std::uint64_t>;

class SeccompFilter : public testing::TestWithParam<Abi> {
 protected:
  [[nodiscard]] std::uint32_t answer(const std::string& call,
                                     std::initializer_list<std::uint64_t> arguments = {}) const {
    const int number = ::seccomp_syscall_resolve_name_arch(GetParam().token, call.c_str());
    EXPECT_GE(number, 0) << call;
    return answer_to(GetParam().token, static_cast<std::uint32_t>(number), arguments);
  }

  [[nodiscard]] std::uint32_t answer_to(std::uint32_t token, std::uint32_t number,
                                        std::initializer_list<std::uint64_t> arguments = {}) const {
    seccomp_data data{};
    data.nr = static_cast<int>(number);
    data.arch = token;
    std::size_t index = 0;
    for (const auto argument : arguments) {
      data.args[index++] = argument;
    }
    return tests::BpfInterpreter(program_).run(data);
  }

  // Every argument that the filter loads on some way for this call.
  [[nodiscard]] std::set<std::size_t> arguments_looked_at(std::uint32_t number) const {
    std::set<std::size_t> looked_at;
    for (const std::uint64_t value : Words{0, 1, 2, 3, 6, 16, 17, 0100, 04755, ~0ULL}) {
      for (const std::uint64_t first : Words{0, 1, 2, 3, 10, 16, value}) {
        seccomp_data data{};
        data.nr = static_cast<int>(number);
        data.arch = GetParam().token;
        for (auto& argument : data.args)
          argument = value;
        data.args[0] = first;
        tests::BpfInterpreter interpreter(program_);
        (void)interpreter.run(data, &looked_at);
      }
    }
    return looked_at;
  }

  void expect_refused(std::initializer_list<const char*> calls) const {
    for (const char* call : calls) {
      if (::seccomp_syscall_resolve_name_arch(GetParam().token, call) < 0) continue;
      EXPECT_EQ(answer(call), refused(EPERM)) << call;
    }
  }

 private:
  std::vector<sock_filter> program_ = compile_filter(GetParam().token);
};

inline auto both_abis() {
  return testing::Values(Abi{"x86_64", SCMP_ARCH_X86_64}, Abi{"aarch64", SCMP_ARCH_AARCH64});
}

inline std::string abi_name(const testing::TestParamInfo<Abi>& info) {
  return info.param.name;
}

}  // namespace awf::confine
