#include "confine/argument_rules.hpp"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>

#include "common/check.hpp"

namespace awf::confine {
namespace {

// Nothing where this architecture does not have the call.
std::optional<std::uint32_t> number_of(const char* call, std::uint32_t architecture) {
  const int number = ::seccomp_syscall_resolve_name_arch(architecture, call);
  verify(number != __NR_SCMP_ERROR, std::string("libseccomp knows ") + call);
  if (number < 0) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

static_assert(std::endian::native == std::endian::little, "the lower half of an argument is first");
constexpr std::size_t argument_offset(std::size_t index) {
  return offsetof(seccomp_data, args) + index * sizeof(std::uint64_t);
}

// The number of the call is loaded when `body` begins, and when it is left without an answer the
// filter has ended: each body answers on every path.
template <typename Body>
void on_call(Prologue& prologue, std::optional<std::uint32_t> number, const Body& body) {
  if (number) prologue.when(BPF_JEQ, *number, body);
}

void judge_mode(Prologue& prologue, std::size_t argument) {
  prologue.load(argument_offset(argument));
  prologue.when(BPF_JSET, S_ISUID | S_ISGID, [&] { prologue.answer(errno_action(EPERM)); });
  prologue.answer(SECCOMP_RET_ALLOW);
}

// open(2): the mode is read, and given by libc, only with these.
constexpr std::uint32_t kCreating = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);

void judge_opening(Prologue& prologue, std::size_t flags) {
  prologue.load(argument_offset(flags));
  prologue.unless(BPF_JSET, kCreating, [&] { prologue.answer(SECCOMP_RET_ALLOW); });
  judge_mode(prologue, flags + 1);
}

constexpr std::uint32_t kInit = 1;

void refuse_init(Prologue& prologue, std::size_t argument) {
  prologue.load(argument_offset(argument));
  prologue.when(BPF_JEQ, kInit, [&] { prologue.answer(errno_action(EPERM)); });
  prologue.answer(SECCOMP_RET_ALLOW);
}

// getpriority(2), ioprio_set(2): "which" says what "who" is.
void judge_priority(Prologue& prologue, std::uint32_t of_a_user) {
  prologue.load(argument_offset(0));
  prologue.when(BPF_JEQ, of_a_user, [&] { prologue.answer(errno_action(EPERM)); });
  refuse_init(prologue, 1);
}

}  // namespace

std::uint32_t errno_action(int error) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

void judge_file_modes(Prologue& prologue, std::uint32_t architecture) {
  // The most frequent first: the others are rare.
  on_call(prologue, number_of("openat", architecture), [&] { judge_opening(prologue, 2); });
  on_call(prologue, number_of("open", architecture), [&] { judge_opening(prologue, 1); });
  struct ModeCall {
    const char* name;
    std::size_t mode;
  };
  constexpr std::array<ModeCall, 6> kCalls = {
      {{"chmod", 1}, {"fchmod", 1}, {"fchmodat", 2}, {"creat", 1}, {"mknod", 1}, {"mknodat", 2}}};
  for (const auto& call : kCalls) {
    on_call(prologue, number_of(call.name, architecture), [&] { judge_mode(prologue, call.mode); });
  }
  // Newer than the names that libseccomp 2.5.3 knows.
  constexpr std::uint32_t kFchmodat2 = 452;
  on_call(prologue, kFchmodat2, [&] { judge_mode(prologue, 2); });
}

void judge_targets(Prologue& prologue, std::uint32_t architecture) {
  struct TargetCall {
    const char* name;
    std::size_t process;
  };
  constexpr std::array<TargetCall, 6> kCalls = {{{"prlimit64", 0},
                                                 {"sched_setparam", 0},
                                                 {"sched_setscheduler", 0},
                                                 {"sched_setaffinity", 0},
                                                 {"sched_setattr", 0},
                                                 {"ptrace", 1}}};
  for (const auto& call : kCalls) {
    on_call(prologue, number_of(call.name, architecture),
            [&] { refuse_init(prologue, call.process); });
  }
  on_call(prologue, number_of("setpriority", architecture),
          [&] { judge_priority(prologue, PRIO_USER); });
  on_call(prologue, number_of("ioprio_set", architecture),
          [&] { judge_priority(prologue, IOPRIO_WHO_USER); });
}

void judge_terminals(Prologue& prologue, std::uint32_t architecture) {
  constexpr std::array<std::uint32_t, 3> kRefused = {TIOCSTI, TIOCLINUX, TIOCSETD};
  on_call(prologue, number_of("ioctl", architecture), [&] {
    prologue.load(argument_offset(1));
    for (const auto command : kRefused) {
      prologue.when(BPF_JEQ, command, [&] { prologue.answer(errno_action(EPERM)); });
    }
    prologue.answer(SECCOMP_RET_ALLOW);
  });
}

void judge_families(Prologue& prologue, std::uint32_t architecture) {
  constexpr std::array<std::uint32_t, 4> kFamilies = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
  on_call(prologue, number_of("socket", architecture), [&] {
    prologue.load(argument_offset(0));
    for (const auto family : kFamilies) {
      prologue.when(BPF_JEQ, family, [&] { prologue.leave(); });
    }
    prologue.answer(errno_action(EAFNOSUPPORT));
  });
}

}  // namespace awf::confine
