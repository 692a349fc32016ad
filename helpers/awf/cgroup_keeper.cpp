#include "awf/cgroup_keeper.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>
#include <vector>

#include "awf/cgroup_layout.hpp"
#include "awf/run_cgroup.hpp"
#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"

namespace awf::supervisor {
namespace {

constexpr std::string_view kPlace = "place ";
constexpr std::string_view kComplete = "complete ";
constexpr std::string_view kPlaced = "placed";
constexpr std::string_view kRefused = "refused ";
constexpr std::string_view kFinish = "finish";

CgroupLayout read_layout() {
  constexpr std::size_t kMuch = std::size_t{4} << 20U;
  return parse_cgroup_layout(read_file("/proc/self/mountinfo", kMuch),
                             read_file("/proc/self/cgroup", kMuch));
}

// Nothing of awf's stays open: a pipe that is held here would never end for its reader.
void let_go_of_everything_but(int fd) {
  if (fd > 0) (void)::syscall(SYS_close_range, 0U, static_cast<unsigned>(fd) - 1, 0U);
  (void)::syscall(SYS_close_range, static_cast<unsigned>(fd) + 1, ~0U, 0U);
}

pid_t process_named(std::string_view text) {
  const auto pid = parse_number<unsigned>(text);
  verify(pid.has_value(), "awf names a process");
  return static_cast<pid_t>(*pid);
}

// The chain's processes have one thread each.
std::vector<pid_t> children_of(pid_t process) {
  constexpr std::size_t kMuch = 65536;
  const std::string number = std::to_string(process);
  std::vector<pid_t> children;
  const std::string list = read_file("/proc/" + number + "/task/" + number + "/children", kMuch);
  for (const auto word : split(trimmed(list), ' '))
    if (!word.empty()) children.push_back(process_named(word));
  return children;
}

void place_with_descendants(const RunCgroup& cgroup, pid_t first) {
  std::vector<pid_t> waiting = {first};
  while (!waiting.empty()) {
    const pid_t process = waiting.back();
    waiting.pop_back();
    if (!cgroup.holds(process)) cgroup.place(process);
    for (const pid_t child : children_of(process))
      waiting.push_back(child);
  }
}

void serve(const MessageChannel& channel, const RunCgroup& cgroup) {
  while (const auto message = channel.receive()) {
    if (message->text == kFinish) {
      const CgroupEvents events = cgroup.events();
      channel.send("events " + std::to_string(events.killed_for_memory) + " " +
                   std::to_string(events.refused_forks));
      return;
    }
    if (message->text.starts_with(kPlace)) {
      cgroup.place(process_named(message->text.substr(kPlace.size())));
    } else {
      verify(message->text.starts_with(kComplete), "awf speaks the keeper's protocol");
      place_with_descendants(cgroup, process_named(message->text.substr(kComplete.size())));
      channel.send(kPlaced);
    }
  }
}

// Why the limits cannot be had. Awf decides what that means; a cgroup that was made is needed until
// then.
void tell_and_wait(const MessageChannel& channel, const std::string& reason) {
  channel.send(std::string(kRefused) + reason);
  (void)channel.receive();
}

void keep(const MessageChannel& channel, const CgroupLimits& limits) {
  std::optional<RunCgroup> cgroup;
  try {
    try {
      cgroup.emplace(RunCgroup::make(read_layout(), limits));
      serve(channel, *cgroup);
    } catch (const std::exception& failure) {
      tell_and_wait(channel, failure.what());
    }
  } catch (const SystemFailure& failure) {
    if (failure.error_number() != EPIPE) throw;  // awf is gone: only the removal is left to do
  }
  if (cgroup) verify(cgroup->remove(), "the processes of the run end");
}

[[noreturn]] void become_keeper(const MessageChannel& channel, const CgroupLimits& limits) {
  // The signals that end awf are for awf; what ends us is its end.
  sigset_t all;
  sigfillset(&all);
  (void)::sigprocmask(SIG_SETMASK, &all, nullptr);
  (void)::setsid();  // fails for no process that was just forked
  (void)::prctl(PR_SET_NAME, "awf-cgroup");
  let_go_of_everything_but(channel.fd());
  // Nobody is left to read a line of ours.
  ::_exit(run_main("awf", [&] {
    keep(channel, limits);
    return 0;
  }));
}

}  // namespace

CgroupKeeper CgroupKeeper::start(const CgroupLimits& limits) {
  auto ends = MessageChannel::make_pair();
  const pid_t pid = check(::fork(), "forking the cgroup's keeper");
  if (pid == 0) {
    // Our copy of awf's end would hide awf's death from us.
    std::move(ends.first).take().reset();
    become_keeper(ends.second, limits);
  }
  return {pid, std::move(ends.first)};
}

CgroupKeeper::CgroupKeeper(CgroupKeeper&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      channel_(std::move(other.channel_)),
      answered_(other.answered_) {}

CgroupKeeper::~CgroupKeeper() {
  channel_.reset();
  reap();
}

void CgroupKeeper::reap() noexcept {
  if (pid_ < 0) return;
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void CgroupKeeper::place(pid_t process) const {
  ask(kPlace, process);
}

void CgroupKeeper::complete(pid_t process) const {
  ask(kComplete, process);
}

void CgroupKeeper::ask(std::string_view what, pid_t process) const {
  try {
    channel_->send(std::string(what) + std::to_string(process));
  } catch (const SystemFailure& failure) {
    // It has ended: answer() says so.
    if (failure.error_number() != EPIPE) throw;
  }
}

std::optional<std::string> CgroupKeeper::answer() {
  answered_ = true;
  const auto message = channel_->receive();
  if (!message) return "the process that keeps the run's cgroups ended";
  if (message->text == kPlaced) return std::nullopt;
  verify(message->text.starts_with(kRefused), "the keeper speaks its protocol");
  return message->text.substr(kRefused.size());
}

std::optional<CgroupEvents> CgroupKeeper::finish() {
  std::optional<CgroupEvents> events;
  try {
    channel_->send(kFinish);
    if (const auto message = channel_->receive()) {
      const auto words = split(message->text, ' ');
      verify(words.size() == 3 && words[0] == "events", "the keeper speaks its protocol");
      events = CgroupEvents{parse_number<std::uint64_t>(words[1]).value_or(0),
                            parse_number<std::uint64_t>(words[2]).value_or(0)};
    }
  } catch (const SystemFailure& failure) {
    if (failure.error_number() != EPIPE) throw;
  }
  channel_.reset();
  reap();
  return events;
}

}  // namespace awf::supervisor
