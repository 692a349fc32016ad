// libseccomp compiles the allow-list and the rules on arguments. In front of its program stands a
// short prologue of our own, for what libseccomp's rules cannot say: "all arguments but these two"
// (its comparisons of one argument cannot be joined, and an unmasked one is passed by setting the
// upper half of the register, CVE-2019-7303), and "every number above". BPF jumps are relative, so
// that putting instructions in front changes nothing behind them.
#include "confine/seccomp_compiler.hpp"

#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/unique_fd.hpp"
#include "confine/argument_rules.hpp"
#include "confine/bpf_prologue.hpp"
#include "confine/seccomp_table.hpp"

namespace awf::confine {
namespace {

struct ReleaseFilter {
  void operator()(scmp_filter_ctx filter) const noexcept { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;
using Program = std::vector<sock_filter>;

// The kernel reads int and unsigned int arguments from the lower half of the register; so must we.
constexpr std::uint64_t kLowerHalf = 0xffffffffU;

// libseccomp returns a negative errno and leaves errno alone.
void check_seccomp(int rc, const std::string& doing) {
  if (rc < 0) throw_system_failure(doing, -rc);
}

scmp_arg_cmp equals(unsigned argument, std::uint64_t value, std::uint64_t mask = kLowerHalf) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

void add_rule(const Filter& filter, std::uint32_t action, const std::string& call,
              const std::vector<scmp_arg_cmp>& conditions = {}) {
  const int number = ::seccomp_syscall_resolve_name(call.c_str());
  verify(number != __NR_SCMP_ERROR, "libseccomp knows " + call);
  check_seccomp(
      ::seccomp_rule_add_array(filter.get(), action, number,
                               static_cast<unsigned>(conditions.size()), conditions.data()),
      "adding a rule for " + call);
}

void add_socket_rules(const Filter& filter) {
  // socket(2): the type's upper bits are SOCK_NONBLOCK and SOCK_CLOEXEC; the kernel refuses others.
  constexpr std::uint64_t kTypeMask = 0xf;
  struct Kind {
    std::uint64_t type;
    std::uint64_t protocol;
  };
  constexpr std::uint64_t kTcp = 6;
  constexpr std::uint64_t kUdp = 17;
  constexpr std::uint64_t kMultipathTcp = 262;
  constexpr std::array<Kind, 5> kKinds = {{{SOCK_STREAM, 0},
                                           {SOCK_STREAM, kTcp},
                                           {SOCK_STREAM, kMultipathTcp},
                                           {SOCK_DGRAM, 0},
                                           {SOCK_DGRAM, kUdp}}};
  for (const std::uint64_t family : std::array<std::uint64_t, 2>{AF_INET, AF_INET6}) {
    for (const auto& kind : kKinds) {
      add_rule(filter, SCMP_ACT_ALLOW, "socket",
               {equals(0, family), equals(1, kind.type, kTypeMask), equals(2, kind.protocol)});
    }
  }
  constexpr std::uint64_t kNetlinkRoute = 0;
  add_rule(filter, SCMP_ACT_ALLOW, "socket", {equals(0, AF_NETLINK), equals(2, kNetlinkRoute)});
  add_rule(filter, SCMP_ACT_ALLOW, "socket", {equals(0, AF_UNIX)});
  add_rule(filter, SCMP_ACT_ALLOW, "socketpair", {equals(0, AF_UNIX)});
}

void add_argument_rules(const Filter& filter) {
  // CLONE_NEWTIME lies in the bits that clone(2), unlike clone3, takes for the exit signal.
  constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                        CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  add_rule(filter, SCMP_ACT_ALLOW, "clone", {equals(0, 0, kNamespaces)});
  constexpr std::uint64_t kWhichOne = 0xffffffff;
  add_rule(filter, SCMP_ACT_ALLOW, "personality", {equals(0, 0)});
  // Debuggers and ThreadSanitizer: the addresses of the command's own programs, nobody else's.
  add_rule(filter, SCMP_ACT_ALLOW, "personality", {equals(0, ADDR_NO_RANDOMIZE)});
  add_rule(filter, SCMP_ACT_ALLOW, "personality", {equals(0, kWhichOne)});
  add_socket_rules(filter);
}

Program make_prologue(std::uint32_t architecture) {
  Prologue prologue;
  // libseccomp's architecture tokens of 64-bit ABIs are the kernel's AUDIT_ARCH_… values.
  prologue.load(offsetof(seccomp_data, arch));
  prologue.unless(BPF_JEQ, architecture, [&] { prologue.leave(); });
  prologue.load(offsetof(seccomp_data, nr));
  // x32 calls have this bit in their number and x86-64's token; libseccomp's program kills them.
  constexpr std::uint32_t kX32Bit = 0x40000000;
  prologue.when(BPF_JGE, kX32Bit, [&] { prologue.leave(); });
  judge_file_modes(prologue, architecture);
  judge_terminals(prologue, architecture);
  judge_families(prologue, architecture);
  judge_targets(prologue, architecture);
  prologue.when(BPF_JGE, kFirstNewerCall, [&] {
    for (const auto& range : allowed_newer_calls()) {
      prologue.when(BPF_JGE, range.first, [&] {
        prologue.unless(BPF_JGT, range.last, [&] { prologue.answer(SECCOMP_RET_ALLOW); });
      });
    }
    prologue.answer(errno_action(ENOSYS));
  });
  return std::move(prologue).finish();
}

Program compile_rules(std::uint32_t architecture) {
  const Filter filter(::seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  verify(filter != nullptr, "a system call filter can be built");
  if (architecture != ::seccomp_arch_native()) {
    check_seccomp(::seccomp_arch_add(filter.get(), architecture), "choosing the ABI");
    check_seccomp(::seccomp_arch_remove(filter.get(), SCMP_ARCH_NATIVE), "choosing the ABI");
  }
  check_seccomp(::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
                "refusing foreign system calls");
  for (const char* call : allowed_calls()) {
    add_rule(filter, SCMP_ACT_ALLOW, call);
  }
  for (const char* call : absent_calls()) {
    add_rule(filter, SCMP_ACT_ERRNO(ENOSYS), call);
  }
  add_argument_rules(filter);

  const UniqueFd file(check(::memfd_create("filter", MFD_CLOEXEC), "making a memory file"));
  check_seccomp(::seccomp_export_bpf(filter.get(), file.get()), "compiling the filter");
  check(::lseek(file.get(), 0, SEEK_SET), "rewinding a memory file");
  const std::string bytes =
      read_rest(file.get(), BPF_MAXINSNS * sizeof(sock_filter), "the compiled filter");
  Program program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(), program.size() * sizeof(sock_filter));
  return program;
}

}  // namespace

std::vector<sock_filter> compile_filter(std::uint32_t architecture) {
  Program program = make_prologue(architecture);
  const Program rules = compile_rules(architecture);
  program.insert(program.end(), rules.begin(), rules.end());
  verify(program.size() <= BPF_MAXINSNS, "the filter is small enough for the kernel");
  return program;
}

}  // namespace awf::confine
