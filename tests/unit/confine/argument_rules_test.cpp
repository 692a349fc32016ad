// What the filter decides on the arguments of calls that are allowed in part.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <seccomp.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>

#include "seccomp_fixture.hpp"

namespace awf::confine {
namespace {

class ArgumentRules : public SeccompFilter {};
INSTANTIATE_TEST_SUITE_P(Abis, ArgumentRules, both_abis(), abi_name);

TEST_P(ArgumentRules, no_file_gets_the_set_user_id_or_set_group_id_bit) {
  struct Call {
    const char* name;
    std::size_t mode;
  };
  for (const auto& call : {Call{"chmod", 1}, Call{"fchmod", 1}, Call{"fchmodat", 2},
                           Call{"creat", 1}, Call{"mknod", 1}, Call{"mknodat", 2}}) {
    if (::seccomp_syscall_resolve_name_arch(GetParam().token, call.name) < 0) continue;
    const auto with_mode = [&](std::uint64_t mode) {
      return call.mode == 1 ? answer(call.name, {0, mode}) : answer(call.name, {0, 0, mode});
    };
    EXPECT_EQ(with_mode(01777), kAllow) << call.name;
    for (const std::uint64_t bits : Words{04755, 02755, 06000, kGarbage | 04000}) {
      EXPECT_EQ(with_mode(bits), refused(EPERM)) << call.name << ' ' << bits;
    }
  }
  constexpr std::uint32_t kFchmodat2 = 452;
  EXPECT_EQ(answer_to(GetParam().token, kFchmodat2, {0, 0, 0755}), kAllow);
  EXPECT_EQ(answer_to(GetParam().token, kFchmodat2, {0, 0, 04755}), refused(EPERM));
  EXPECT_EQ(answer("openat2"), refused(ENOSYS));  // its mode is in memory
}

TEST_P(ArgumentRules, the_mode_of_open_counts_only_where_a_file_may_be_made) {
  constexpr std::uint64_t kTemporary = 020000000;  // __O_TMPFILE, the same on both
  for (const std::uint64_t creating : Words{O_CREAT, O_CREAT | O_EXCL | O_WRONLY, kTemporary}) {
    EXPECT_EQ(answer("openat", {0, 0, creating, 0666}), kAllow);
    EXPECT_EQ(answer("openat", {0, 0, creating, 04755}), refused(EPERM));
    EXPECT_EQ(answer("openat", {0, 0, kGarbage | creating, kGarbage | 02755}), refused(EPERM));
  }
  // Without them the register holds what was in it before.
  EXPECT_EQ(answer("openat", {0, 0, O_RDONLY | O_CLOEXEC, ~0ULL}), kAllow);
  if (GetParam().token == SCMP_ARCH_X86_64) {
    EXPECT_EQ(answer("open", {0, O_CREAT, 04755}), refused(EPERM));
    EXPECT_EQ(answer("open", {0, O_CREAT, 0755}), kAllow);
    EXPECT_EQ(answer("open", {0, O_RDWR, ~0ULL}), kAllow);
  }
}

TEST_P(ArgumentRules, PROC_03_what_changes_another_process_does_not_change_PID_1) {
  for (const char* call : {"prlimit64", "sched_setparam", "sched_setscheduler", "sched_setaffinity",
                           "sched_setattr"}) {
    EXPECT_EQ(answer(call, {1, 7}), refused(EPERM)) << call;
    EXPECT_EQ(answer(call, {kGarbage | 1, 7}), refused(EPERM)) << call;
    EXPECT_EQ(answer(call, {0, 7}), kAllow) << call;
    EXPECT_EQ(answer(call, {2, 7}), kAllow) << call;
  }
  EXPECT_EQ(answer("ptrace", {16, 1}), refused(EPERM));
  EXPECT_EQ(answer("ptrace", {16, kGarbage | 1}), refused(EPERM));
  EXPECT_EQ(answer("ptrace", {0, 0}), kAllow);
  struct Priority {
    const char* name;
    std::uint64_t process;
    std::uint64_t of_a_user;
  };
  for (const auto& call : {Priority{"setpriority", 0, 2}, Priority{"ioprio_set", 1, 3}}) {
    EXPECT_EQ(answer(call.name, {call.process, 1}), refused(EPERM)) << call.name;
    EXPECT_EQ(answer(call.name, {call.process, kGarbage | 1}), refused(EPERM)) << call.name;
    EXPECT_EQ(answer(call.name, {call.of_a_user, 0}), refused(EPERM)) << call.name;
    EXPECT_EQ(answer(call.name, {kGarbage | call.of_a_user, 5}), refused(EPERM)) << call.name;
    EXPECT_EQ(answer(call.name, {call.process, 0}), kAllow) << call.name;
    EXPECT_EQ(answer(call.name, {call.process, 2}), kAllow) << call.name;
  }
}

// Another thread may change what a pointer points to after it was judged, so that nothing may be
// decided on such an argument. What a call's answer depends on is found by changing one argument at
// a time, and each argument named here is a number to the kernel.
TEST_P(ArgumentRules, PROC_10_no_answer_depends_on_an_argument_that_is_a_pointer) {
  const std::map<std::string, std::set<std::size_t>> kNumbers = {
      {"clone", {0}},         {"socket", {0, 1, 2}},   {"socketpair", {0}},
      {"ioctl", {1}},         {"personality", {0}},    {"chmod", {1}},
      {"fchmod", {1}},        {"fchmodat", {2}},       {"creat", {1}},
      {"mknod", {1}},         {"mknodat", {2}},        {"open", {1, 2}},
      {"openat", {2, 3}},     {"prlimit64", {0}},      {"sched_setparam", {0}},
      {"ptrace", {1}},        {"setpriority", {0, 1}}, {"sched_setscheduler", {0}},
      {"sched_setattr", {0}}, {"ioprio_set", {0, 1}},  {"sched_setaffinity", {0}}};
  constexpr std::uint32_t kFchmodat2 = 452;
  for (std::uint32_t number = 0; number < 480; ++number) {
    std::set<std::size_t> allowed;
    if (number == kFchmodat2) allowed = {2};
    for (const auto& [name, arguments] : kNumbers) {
      const int known = ::seccomp_syscall_resolve_name_arch(GetParam().token, name.c_str());
      if (known == static_cast<int>(number)) allowed = arguments;
    }
    for (const std::size_t argument : arguments_looked_at(number)) {
      EXPECT_TRUE(allowed.count(argument)) << "call " << number << ", argument " << argument;
    }
  }
}

}  // namespace
}  // namespace awf::confine
