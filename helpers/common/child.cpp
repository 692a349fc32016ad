#include "common/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "common/check.hpp"
#include "common/file.hpp"

namespace awf {
namespace {

// Between fork and exec only calls that are safe in a child of a threaded process: no allocation,
// no locks. A failure goes to the parent as errno over a close-on-exec pipe.
[[noreturn]] void report_and_exit(int report_fd, int error) {
  (void)!::write(report_fd, &error, sizeof error);
  ::_exit(127);
}

struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> environment;
  std::vector<std::pair<int, int>> fds;
  int highest = 2;
};

void place_fds(Prepared& prepared, int& report_fd) {
  // First out of the way of every target number, then onto it: the order of pairs cannot matter.
  for (auto& [target, source] : prepared.fds) {
    source = ::fcntl(source, F_DUPFD_CLOEXEC, prepared.highest + 1);
    if (source < 0) report_and_exit(report_fd, errno);
  }
  const int moved = ::fcntl(report_fd, F_DUPFD_CLOEXEC, prepared.highest + 1);
  if (moved < 0) report_and_exit(report_fd, errno);
  report_fd = moved;
  (void)::syscall(SYS_close_range, 3U, static_cast<unsigned>(prepared.highest), 0U);
  for (const auto& [target, source] : prepared.fds) {
    if (::dup2(source, target) < 0) report_and_exit(report_fd, errno);
  }
  // What else is open and not close-on-exec (inherited from our own caller) must not go on.
  constexpr unsigned kCloseRangeCloexec = 4U;
  const auto beyond = static_cast<unsigned>(prepared.highest) + 1U;
  if (::syscall(SYS_close_range, beyond, ~0U, kCloseRangeCloexec) < 0) {
    report_and_exit(report_fd, errno);
  }
}

[[noreturn]] void become(const SpawnPlan& plan, Prepared& prepared, int report_fd, pid_t parent) {
  if (plan.dies_with_parent) {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) report_and_exit(report_fd, errno);
    // The parent may have died before the line above; then nobody will ever send the signal.
    if (::getppid() != parent) ::_exit(127);
  }
  if (plan.new_session && ::setsid() < 0) report_and_exit(report_fd, errno);
  sigset_t none;
  sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  place_fds(prepared, report_fd);
  (void)::execve(plan.program.c_str(), prepared.argv.data(), prepared.environment.data());
  report_and_exit(report_fd, errno);
}

}  // namespace

std::vector<char*> as_c_array(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  // execve(2) takes char* const[] for historical reasons and does not write.
  for (const auto& s : strings)
    pointers.push_back(const_cast<char*>(s.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Child Child::spawn(const SpawnPlan& plan) {
  Prepared prepared{as_c_array(plan.argv), as_c_array(plan.environment), plan.fds, 2};
  for (const auto& pair : plan.fds)
    prepared.highest = std::max(prepared.highest, pair.first);
  Pipe report = make_pipe();
  const pid_t parent = ::getpid();
  const pid_t pid = check(::fork(), "forking");
  if (pid == 0) become(plan, prepared, report.write_end.get(), parent);
  const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  Child child(pid, UniqueFd(pidfd));
  check(pidfd, "opening a pidfd");
  report.write_end.reset();
  int error = 0;
  ssize_t got = -1;
  do {
    got = ::read(report.read_end.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof error)) {
    (void)child.wait();
    throw_system_failure("starting " + plan.program, error);
  }
  return child;
}

Child::~Child() {
  if (pid_ <= 0 || !pidfd_) return;  // moved from
  if (status_) return;
  try {
    signal(SIGKILL);
    (void)wait();
  } catch (const SystemFailure&) {
    // Nothing more can be done for a process that cannot be signalled or reaped; its parent-death
    // signal and namespace still end it with us.
    status_ = 0;
  }
}

void Child::signal(int number) const {
  if (status_) return;
  const auto rc = ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0U);
  if (rc < 0 && errno != ESRCH) throw_system_failure("signalling a child", errno);
}

int Child::wait() {
  while (!status_) {
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, 0);
    if (reaped < 0 && errno == EINTR) continue;
    check(reaped, "waiting for a child");
    status_ = status;
  }
  return *status_;
}

std::optional<int> Child::wait_for(std::chrono::milliseconds limit) {
  if (status_) return status_;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waited{pidfd_.get(), POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (ready > 0) return wait();
    if (ready == 0) return std::nullopt;
    if (errno != EINTR) throw_system_failure("waiting for a child", errno);
  }
}

void exec_program(const std::vector<std::string>& argv) {
  verify(!argv.empty(), "a program to run was named");
  const auto pointers = as_c_array(argv);
  (void)::execvp(pointers[0], pointers.data());
  throw_system_failure("running " + argv.front(), errno);
}

}  // namespace awf
