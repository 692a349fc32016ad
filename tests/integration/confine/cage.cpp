#include "cage.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "common/check.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/text.hpp"

namespace awf::tests {
namespace {

constexpr std::chrono::seconds kGenerous{60};
const std::string kPrograms = AWF_PROGRAMS_DIR;

struct Ends {
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  std::optional<std::pair<MessageChannel, MessageChannel>> control;
  UniqueFd nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
};

void append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

std::vector<std::string> chain(Mode mode, const std::vector<std::string>& command,
                               const CageOptions& options) {
  std::vector<std::string> words;
  if (mode == Mode::kRootless) {
    words = {"/usr/bin/setpriv", "--reuid", "33",     "--regid",       "33",
             "--clear-groups",   "unshare", "--user", "--map-user=33", "--map-group=33",
             "--keep-caps",      "--"};
  }
  append(words, {kPrograms + "/awf-exit-relay"});
  if (options.supervised) append(words, {"--control-fd", "4"});
  append(words, options.relay_options);
  append(words, {"--", kPrograms + "/awf-confine", "--uid", "33", "--gid", "33"});
  append(words, options.confine_options);
  append(words, {"--"});
  append(words, command);
  return words;
}

Child start(Ends& ends, Mode mode, const std::vector<std::string>& command,
            const CageOptions& options) {
  SpawnPlan plan;
  plan.argv = chain(mode, command, options);
  plan.program = plan.argv.front();
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                      "OUTER_SECRET=visible-outside-only"};
  plan.fds = {
      {0, ends.nothing.get()}, {1, ends.output.write_end.get()}, {2, ends.errors.write_end.get()}};
  if (options.supervised) {
    ends.control = MessageChannel::make_pair();
    plan.fds.emplace_back(4, ends.control->second.fd());
  }
  plan.new_session = true;
  return Child::spawn(plan);
}

pid_t only_child_of(pid_t parent) {
  const std::string number = std::to_string(parent);
  const std::string children = read_file("/proc/" + number + "/task/" + number + "/children", 4096);
  const auto pid = parse_number<unsigned>(trimmed(children));
  verify(pid.has_value(), "process " + number + " has one child");
  return static_cast<pid_t>(*pid);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Mode mode) {
  return out << (mode == Mode::kRoot ? "root" : "rootless");
}

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  out << "exit code " << outcome.exit_code << "\nstdout: " << outcome.output
      << "\nstderr: " << outcome.errors << "\nmessages:";
  for (const auto& message : outcome.messages) {
    out << ' ' << quoted(message);
  }
  return out;
}

Cage::Cage(Mode mode, const std::vector<std::string>& command, const CageOptions& options)
    : relay_([&] {
        Ends ends;
        Child child = start(ends, mode, command, options);
        output_fd_ = std::move(ends.output.read_end);
        errors_fd_ = std::move(ends.errors.read_end);
        if (ends.control) control_ = std::move(ends.control->first);
        return child;
      }()) {}

pid_t Cage::init_pid() const {
  return only_child_of(relay_.pid());
}

pid_t Cage::command_pid() const {
  return only_child_of(init_pid());
}

void Cage::await_command_state(char state) const {
  const std::string file = "/proc/" + std::to_string(command_pid()) + "/stat";
  const auto deadline = std::chrono::steady_clock::now() + kGenerous;
  while (std::chrono::steady_clock::now() < deadline) {
    const std::string about = read_file(file, 4096);
    // "pid (name) S …"; the name may hold anything but ends at the last parenthesis.
    if (about.at(about.rfind(')') + 2) == state) return;
    ::sched_yield();
  }
  throw std::runtime_error("the command does not come into the state " + std::string(1, state));
}

void Cage::read_some(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  std::array<pollfd, 2> waited{{{output_fd_.get(), POLLIN, 0}, {errors_fd_.get(), POLLIN, 0}}};
  const int ready =
      ::poll(waited.data(), waited.size(), static_cast<int>(std::max<long>(0, left.count())));
  if (ready == 0) throw std::runtime_error("the cage's output stays open: " + outcome_.output);
  check(ready, "waiting for output");
  const auto take = [](const pollfd& event, UniqueFd& fd, std::string& text) {
    if (event.revents == 0) return;
    std::array<char, 4096> buffer{};
    const ssize_t got = check(::read(fd.get(), buffer.data(), buffer.size()), "reading output");
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0) fd.reset();
  };
  take(waited[0], output_fd_, outcome_.output);
  take(waited[1], errors_fd_, outcome_.errors);
}

void Cage::await_output(const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + kGenerous;
  while (outcome_.output.find(text) == std::string::npos) {
    if (!output_fd_) {
      throw std::runtime_error("no " + quoted(text) + " in " + quoted(outcome_.output) + " and " +
                               quoted(outcome_.errors));
    }
    read_some(deadline);
  }
}

Outcome Cage::finish() {
  const auto deadline = std::chrono::steady_clock::now() + kGenerous;
  while (output_fd_ || errors_fd_) {
    read_some(deadline);
  }
  const auto status = relay_.wait_for(kGenerous);
  if (!status) throw std::runtime_error("awf-exit-relay does not end");
  outcome_.wait_status = *status;
  outcome_.exit_code = exit_code::from_wait_status(*status);
  while (control_) {
    const auto message = control_->receive(kGenerous);
    if (!message) break;
    outcome_.messages.push_back(message->text);
  }
  return outcome_;
}

std::vector<std::string> bash(const std::string& script) {
  return {"/bin/bash", "-c", script};
}

Outcome run_caged(Mode mode, const std::vector<std::string>& command, const CageOptions& options) {
  return Cage(mode, command, options).finish();
}

std::vector<std::string> attacker(const std::string& attack) {
  return {kPrograms + "/confine-attacker", attack};
}

}  // namespace awf::tests
