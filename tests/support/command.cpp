#include "support/command.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include "common/check.hpp"
#include "common/child.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/message_channel.hpp"
#include "common/text.hpp"

namespace awf::test_world {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kPath =
    "/opt/awf/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<std::string> environment_for(const RunOptions& options) {
  std::vector<std::string> all{std::string("PATH=") + kPath, "HOME=/home/runner", "USER=runner",
                               "LANG=C.UTF-8", "SHELL=/bin/bash"};
  if (options.caller == Caller::kSudo) {
    all.insert(all.end(), {"SUDO_UID=" + std::to_string(kRunnerUid),
                           "SUDO_GID=" + std::to_string(kRunnerGid), "SUDO_USER=www-data"});
  }
  all.insert(all.end(), options.environment.begin(), options.environment.end());
  return all;
}

// Everything that the two processes between fork and exec need, allocated before the fork: this
// process may have threads, and a lock that one of them holds stays held in the child.
struct Prepared {
  MachineNamespaces machine;
  std::vector<char*> argv;
  std::vector<char*> environment;
  const char* directory;
  bool as_runner;
  bool new_session;
  std::array<int, 3> standard;
  std::array<int, 3> of_the_test;
  int report;
};

// Reports "could not start" as a wait status of 127 would look, with a word on its stderr.
[[noreturn]] void fail(const char* doing) {
  (void)!::write(2, doing, __builtin_strlen(doing));
  (void)!::write(2, "\n", 1);
  ::_exit(127);
}

[[noreturn]] void become_command(const Prepared& p) {
  for (int number = 0; number < 3; ++number) {
    if (::dup2(p.standard[static_cast<std::size_t>(number)], number) < 0) ::_exit(127);
  }
  // A session of its own: a signal to its process group cannot reach the test.
  if (p.new_session && ::setsid() < 0) fail("setsid");
  sigset_t none;
  sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGQUIT})
    (void)::signal(number, SIG_DFL);
  if (p.as_runner &&
      (::setgroups(0, nullptr) < 0 || ::setresgid(kRunnerGid, kRunnerGid, kRunnerGid) < 0 ||
       ::setresuid(kRunnerUid, kRunnerUid, kRunnerUid) < 0)) {
    fail("becoming the runner");
  }
  if (::chdir(p.directory) < 0) fail("entering the directory");
  (void)::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  (void)::execvpe(p.argv[0], p.argv.data(), p.environment.data());
  fail("starting the command");
}

// The caller: what a shell is to a workflow's step. It sends the command's pidfd, waits for the
// command, and sends its wait status. Being inside the machine's pid namespace it is a parent that
// the command can see, which a process outside would not be.
[[noreturn]] void be_caller(const Prepared& p) {
  (void)::prctl(PR_SET_NAME, "world-caller");
  if (::setns(p.machine.net, CLONE_NEWNET) < 0) fail("entering the machine's network");
  if (::setns(p.machine.mount, CLONE_NEWNS) < 0) fail("entering the machine's file system");
  const pid_t pid = ::fork();
  if (pid < 0) fail("forking");
  if (pid == 0) become_command(p);
  const auto pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) fail("opening a pidfd");
  // The command's ends of the pipes must be held by the command alone, the test's by the test:
  // whoever holds a copy hides the end of the stream.
  for (const auto& ends : {p.standard, p.of_the_test}) {
    for (const int fd : ends)
      (void)::close(fd);
  }
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  char word = 'p';
  iovec data{&word, 1};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  *reinterpret_cast<int*>(CMSG_DATA(rights)) = pidfd;
  if (::sendmsg(p.report, &header, MSG_NOSIGNAL) < 0) ::_exit(1);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) ::_exit(1);
  }
  (void)::send(p.report, &status, sizeof status, MSG_NOSIGNAL);
  ::_exit(0);
}

// The caller, in the machine's pid namespace. setns(CLONE_NEWPID) changes where the children of
// this thread are born and nothing else; it is changed back at once.
pid_t fork_into(const Prepared& p) {
  const UniqueFd own(
      check(::open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC), "opening the pid namespace"));
  check(::setns(p.machine.pid, CLONE_NEWPID), "entering the machine's pid namespace");
  const pid_t pid = ::fork();
  if (pid == 0) be_caller(p);
  check(::setns(own.get(), CLONE_NEWPID), "leaving the machine's pid namespace");
  return check(pid, "forking");
}

void signal_pidfd(int pidfd, int number) {
  const auto rc = ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0U);
  if (rc < 0 && errno != ESRCH) throw_system_failure("signalling a command", errno);
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(0, left));
}

// Appends what is there; closes the descriptor at its end.
void read_available(UniqueFd& fd, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  if (got > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    fd.reset();
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const CommandResult& result) {
  if (!result.ended) out << "KILLED AT THE LIMIT, ";
  return out << "exit code " << result.exit_code << " after " << result.duration.count()
             << " ms\n--- stdout ---\n"
             << result.output << "--- stderr ---\n"
             << result.errors;
}

RunningCommand RunningCommand::start(const MachineNamespaces& machine,
                                     const std::vector<std::string>& argv,
                                     const RunOptions& options) {
  verify(!argv.empty(), "a command to run was named");
  RunningCommand command;
  command.limit_ = options.limit;
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  Pipe input = make_pipe();
  UniqueFd fixed_input;
  if (!options.input_stays_open) fixed_input = make_sealed_file("stdin", options.input);
  auto [here, there] = MessageChannel::make_pair();
  // execvpe looks the program up in the PATH of the caller, which is the test's.
  const std::vector<std::string> environment = environment_for(options);
  std::vector<std::string> words{"/usr/bin/env"};
  words.insert(words.end(), argv.begin(), argv.end());
  std::array<int, 3> standard{options.input_stays_open ? input.read_end.get() : fixed_input.get(),
                              output.write_end.get(),
                              options.one_output ? output.write_end.get() : errors.write_end.get()};
  if (options.inherit_terminal) standard = {0, 1, 2};
  const Prepared prepared{machine,
                          as_c_array(argv.front().find('/') == std::string::npos ? words : argv),
                          as_c_array(environment),
                          options.directory.c_str(),
                          options.caller == Caller::kRootless,
                          !options.inherit_terminal,
                          standard,
                          {input.write_end.get(), output.read_end.get(), errors.read_end.get()},
                          there.fd()};
  command.started_ = Clock::now();
  command.caller_ = fork_into(prepared);
  command.caller_pidfd_.reset(
      check(static_cast<int>(::syscall(SYS_pidfd_open, command.caller_, 0)), "opening a pidfd"));
  // Ours must be gone, or a caller that dies is not seen as the end of the channel.
  UniqueFd(std::move(there).take()).reset();
  const auto born = here.receive(std::chrono::seconds(10));
  if (!born || born->fds.empty()) throw Refusal("a command could not be started on the machine");
  command.pidfd_.reset(::dup(born->fds.front().get()));
  set_close_on_exec(command.pidfd_.get(), true);
  command.report_ = std::move(here).take();
  command.output_fd_ = std::move(output.read_end);
  command.errors_fd_ = std::move(errors.read_end);
  if (options.input_stays_open) command.input_ = std::move(input.write_end);
  for (const int fd : {command.output_fd_.get(), command.errors_fd_.get()}) {
    check(::fcntl(fd, F_SETFL, O_NONBLOCK), "making a pipe non-blocking");
  }
  return command;
}

RunningCommand::~RunningCommand() {
  if (caller_ <= 0 || !caller_pidfd_) return;  // moved from
  if (pidfd_ && !wait_status_)
    (void)::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0U);
  (void)::syscall(SYS_pidfd_send_signal, caller_pidfd_.get(), SIGKILL, nullptr, 0U);
  while (::waitpid(caller_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void RunningCommand::signal(int number) const {
  signal_pidfd(pidfd_.get(), number);
}

void RunningCommand::kill_caller() const {
  signal_pidfd(caller_pidfd_.get(), SIGKILL);
}

void RunningCommand::write_input(const std::string& text) const {
  write_all(input_.get(), text, "the command's stdin");
}

// One poll(2) over both outputs and the caller's report. False at the deadline or when nothing is
// left to wait for.
bool RunningCommand::read_more(Clock::time_point deadline) {
  std::array<pollfd, 3> waited{pollfd{output_fd_.get(), POLLIN, 0},
                               pollfd{errors_fd_.get(), POLLIN, 0},
                               pollfd{report_.get(), POLLIN, 0}};
  if (!output_fd_ && !errors_fd_ && !report_) return false;
  const int ready = ::poll(waited.data(), waited.size(), milliseconds_until(deadline));
  if (ready < 0 && errno != EINTR) throw_system_failure("waiting for a command", errno);
  if (ready <= 0) return ready < 0;
  if (waited[0].revents != 0) read_available(output_fd_, output_);
  if (waited[1].revents != 0) read_available(errors_fd_, errors_);
  if (waited[2].revents != 0) {
    int status = 0;
    if (::recv(report_.get(), &status, sizeof status, 0) == sizeof status) wait_status_ = status;
    report_.reset();
  }
  return true;
}

bool RunningCommand::wait_for_text(const std::string& stream, const std::string& text,
                                   std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (stream.find(text) == std::string::npos) {
    if (!read_more(deadline)) return false;
  }
  return true;
}

bool RunningCommand::wait_for_output(const std::string& text, std::chrono::milliseconds limit) {
  return wait_for_text(output_, text, limit);
}

bool RunningCommand::wait_for_errors(const std::string& text, std::chrono::milliseconds limit) {
  return wait_for_text(errors_, text, limit);
}

// What the command wrote before it ended is in the pipes by now; a survivor that holds a pipe open
// must not make the test wait for an end of file.
void RunningCommand::drain() {
  for (auto [fd, text] : {std::pair{&output_fd_, &output_}, std::pair{&errors_fd_, &errors_}}) {
    pollfd waited{fd->get(), POLLIN, 0};
    while (*fd && ::poll(&waited, 1, 0) > 0)
      read_available(*fd, *text);
  }
}

CommandResult RunningCommand::finish() {
  const auto deadline = started_ + limit_;
  while (report_ && read_more(deadline)) {
  }
  CommandResult result;
  result.ended = wait_status_.has_value();
  if (!result.ended) signal(SIGKILL);
  drain();
  result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
  if (wait_status_) {
    result.wait_status = *wait_status_;
    result.exit_code = exit_code::from_wait_status(*wait_status_);
  }
  result.output = output_;
  result.errors = errors_;
  return result;
}

}  // namespace awf::test_world
