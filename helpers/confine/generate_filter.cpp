// Runs while AWF is built: prints the source of command_filter() for this machine's ABI.
#include <seccomp.h>

#include <iostream>

#include "common/run_main.hpp"
#include "confine/seccomp_compiler.hpp"

int main() {
  return awf::run_main("generate-filter", [] {
    std::cout << "#include \"confine/command_filter.hpp\"\n"
                 "namespace awf::confine {\n"
                 "std::span<const sock_filter> command_filter() noexcept {\n"
                 "  static constexpr sock_filter kProgram[] = {\n";
    for (const auto& code : awf::confine::compile_filter(::seccomp_arch_native())) {
      std::cout << "      {" << code.code << ", " << unsigned{code.jt} << ", " << unsigned{code.jf}
                << ", " << code.k << "U},\n";
    }
    std::cout << "  };\n  return kProgram;\n}\n}  // namespace awf::confine\n" << std::flush;
    return std::cout ? 0 : 1;
  });
}
