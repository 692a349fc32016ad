// The time limit is kept here and not in PID 1: with the same user inside (rootless mode), the
// command could slow PID 1 down by sched_setattr(2) or prlimit(2), but it cannot even name us.
#include "exit-relay/relay.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "common/check.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/message_channel.hpp"
#include "common/run_main.hpp"
#include "common/service_lockdown.hpp"
#include "common/unique_fd.hpp"
#include "exit-relay/descriptors.hpp"
#include "exit-relay/init.hpp"
#include "exit-relay/init_process.hpp"
#include "exit-relay/protocol.hpp"
#include "exit-relay/signals.hpp"

namespace awf::exit_relay {
namespace {

class Relay {
 public:
  Relay(const Options& options, InitProcess init, UniqueFd signals);

  // Every descriptor that the relay needs; all others can be closed.
  [[nodiscard]] std::vector<int> descriptors() const;

  // Lets the command start and returns its exit code.
  int run();

 private:
  enum class LimitStage { kRunning, kAsked, kKilled, kGivenUp };

  void start_timer(std::chrono::nanoseconds delay);
  void on_init_message();
  void on_control();
  void on_timer();
  void tell_supervisor(int wait_status);
  int finish();

  InitProcess init_;
  UniqueFd signals_;
  UniqueFd timer_;
  std::optional<MessageChannel> control_;
  std::optional<std::chrono::nanoseconds> time_limit_;
  std::chrono::nanoseconds kill_after_;
  LimitStage stage_ = LimitStage::kRunning;
  std::optional<int> status_;  // of the command
  bool init_speaks_ = true;    // its end of the channel is open
};

Relay::Relay(const Options& options, InitProcess init, UniqueFd signals)
    : init_(std::move(init)),
      signals_(std::move(signals)),
      time_limit_(options.time_limit),
      kill_after_(options.kill_after) {
  timer_ =
      UniqueFd(check(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC), "making the limit's timer"));
  if (options.control_fd) control_.emplace(UniqueFd(*options.control_fd));
}

std::vector<int> Relay::descriptors() const {
  std::vector<int> fds = {init_.pidfd(), init_.channel_fd(), signals_.get(), timer_.get()};
  if (control_) fds.push_back(control_->fd());
  return fds;
}

void Relay::start_timer(std::chrono::nanoseconds delay) {
  constexpr long kBillion = 1'000'000'000;
  itimerspec once{};
  once.it_value.tv_sec = delay.count() / kBillion;
  // Zero would disarm the timer.
  once.it_value.tv_nsec = delay.count() == 0 ? 1 : delay.count() % kBillion;
  check(::timerfd_settime(timer_.get(), 0, &once, nullptr), "starting the limit's timer");
}

void Relay::tell_supervisor(int wait_status) {
  if (!control_) return;
  control_->send(stage_ == LimitStage::kRunning ? status_message(wait_status)
                                                : time_limit_message(wait_status));
}

void Relay::on_init_message() {
  const auto message = init_.receive();
  if (!message) {
    init_speaks_ = false;
    return;
  }
  status_ = parse_status(message->text).or_refuse();
  tell_supervisor(*status_);
}

void Relay::on_control() {
  const auto message = control_->receive();
  if (!message) throw Refusal("the supervisor is gone; the sandbox was ended");
  init_.tell(signal_message(parse_signal(message->text).or_refuse()));
}

void Relay::on_timer() {
  // How long PID 1 may take to carry out a SIGKILL before all goes with it.
  constexpr std::chrono::seconds kPatience{2};
  std::uint64_t expirations = 0;
  check(::read(timer_.get(), &expirations, sizeof expirations), "reading the limit's timer");
  if (status_) return;
  switch (stage_) {
    case LimitStage::kRunning:
      stage_ = LimitStage::kAsked;
      init_.tell(signal_message(SIGTERM));
      // A stopped process sees SIGTERM only when it goes on.
      init_.tell(signal_message(SIGCONT));
      start_timer(kill_after_);
      return;
    case LimitStage::kAsked:
      stage_ = LimitStage::kKilled;
      init_.tell(signal_message(SIGKILL));
      start_timer(kPatience);
      return;
    case LimitStage::kKilled:
    case LimitStage::kGivenUp:
      stage_ = LimitStage::kGivenUp;
      init_.kill();
      return;
  }
}

int Relay::run() {
  // The time is the command's: what we and PID 1 need before it starts is not taken from it.
  if (time_limit_) start_timer(*time_limit_);
  init_.tell(kGo);
  for (;;) {
    std::array<pollfd, 5> waited{{{init_speaks_ ? init_.channel_fd() : -1, POLLIN, 0},
                                  {init_.pidfd(), POLLIN, 0},
                                  {control_ ? control_->fd() : -1, POLLIN, 0},
                                  {signals_.get(), POLLIN, 0},
                                  {timer_.get(), POLLIN, 0}}};
    const int ready = ::poll(waited.data(), waited.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for an event");
    // The status is read before the end of PID 1 is seen, which follows it.
    if (waited[0].revents != 0) {
      on_init_message();
      continue;
    }
    if (waited[1].revents != 0) return finish();
    if (waited[2].revents != 0) on_control();
    if (waited[3].revents != 0) init_.tell(signal_message(take_signal(signals_.get())));
    if (waited[4].revents != 0) on_timer();
  }
}

int Relay::finish() {
  const int init_status = init_.wait();
  const bool limited = stage_ != LimitStage::kRunning;
  if (!status_ && limited) tell_supervisor(SIGKILL);
  if (limited) return exit_code::kTimeLimit;
  if (status_) return exit_code::from_wait_status(*status_);
  // PID 1 says itself why it refuses.
  if (WIFEXITED(init_status) && WEXITSTATUS(init_status) == exit_code::kRefused) {
    return exit_code::kRefused;
  }
  throw Refusal("PID 1 of the sandbox ended without a report");
}

// PID 1's side of the fork. Leaves by _exit: what the outer half registered for its own end is not
// ours to run.
[[noreturn]] void become_init(const MessageChannel& channel, const Options& options,
                              const sigset_t& mask) {
  const int code =
      run_main("awf-exit-relay", [&] { return run_init(channel, options.command, mask); });
  ::_exit(code);
}

InitProcess start_init(const Options& options, const sigset_t& mask) {
  check(::unshare(CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS), "making PID, IPC, UTS namespaces");
  auto ends = MessageChannel::make_pair();
  const pid_t pid = check(::fork(), "forking PID 1");
  if (pid == 0) {
    // Our copy of the outer half's end would hide that half's death from us.
    std::move(ends.first).take().reset();
    become_init(ends.second, options, mask);
  }
  return {pid, std::move(ends.first)};
}

}  // namespace

int run_relay(const Options& options) {
  check_leaks_while_possible();
  if (options.control_fd) set_close_on_exec(*options.control_fd, true);
  check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "asking for a parent-death signal");
  const sigset_t command_mask = block_signals();
  UniqueFd signals = open_forwarded_signals();
  Relay relay(options, start_init(options, command_mask), std::move(signals));
  // A reader of our standard error that goes away must not end the sandbox.
  check(std::signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0, "ignoring SIGPIPE");
  close_descriptors_except(relay.descriptors());
  lock_down_service({});
  return relay.run();
}

}  // namespace awf::exit_relay
