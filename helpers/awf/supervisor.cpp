#include "awf/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "common/check.hpp"
#include "common/exit_code.hpp"
#include "common/file.hpp"
#include "common/text.hpp"
#include "net/sandbox_sockets.hpp"

namespace awf::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The whole set-up takes some 20 ms; a machine under heavy load still gets its chance.
constexpr milliseconds kSetUpLimit{20000};
constexpr milliseconds kProxyFinishLimit{3000};
// A proxy that dies this often is being killed on purpose; without it everything stays shut.
constexpr int kMaxProxyRestarts = 5;
// The third interruption of a person or runner means: now.
constexpr int kInterruptionsUntilKill = 3;

// The chain's programs need no environment; what the command gets travels by descriptor. Sanitizer
// builds read their options from theirs.
std::vector<std::string> chain_environment() {
  std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  for (const auto* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = ::getenv(name)) {
      environment.push_back(std::string(name) + "=" + value);
    }
  }
  return environment;
}

bool all_contained(const std::string& tally) {
  const auto lines = split(tally, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!lines[i].empty() && lines[i].substr(0, 3) != "ok ") return false;
  }
  const auto words = split(lines.front(), ' ');
  return words.size() == 4 && words[0] == "contained" && words[2] == "of" && words[1] == words[3];
}

}  // namespace

Supervisor::Supervisor(const RunConfig& config, const Plan& plan, const RunLogs& logs,
                       std::optional<OutputFilter> output)
    : config_(config),
      plan_(plan),
      logs_(logs),
      output_(std::move(output)),
      mapped_names_(check(::memfd_create("awf-mapped-names", MFD_CLOEXEC),
                          "making a file for the mapped names")) {}

int Supervisor::run(const std::string& environment_records) {
  start_proxy();
  start_chain(environment_records);
  serve_until_chain_ends();
  if (output_) output_->finish(signals_);
  finish_proxy();
  return exit_code_of_run();
}

void Supervisor::start_proxy() {
  auto [ours, theirs] = MessageChannel::make_pair();
  const UniqueFd policy = make_sealed_file("awf-policy", plan_.policy_json);
  const SpawnPlan spawn{.program = plan_.egress_proxy.front(),
                        .argv = plan_.egress_proxy,
                        .environment = chain_environment(),
                        .fds = {{proxy_fd::kControl, theirs.fd()},
                                {proxy_fd::kPolicy, policy.get()},
                                {proxy_fd::kAudit, logs_.audit_fd()},
                                {proxy_fd::kAccessLog, logs_.access_log_fd()},
                                {proxy_fd::kMappedNames, mapped_names_.get()}},
                        .new_session = true};
  proxy_ready_ = false;
  proxy_.emplace(Child::spawn(spawn));
  proxy_channel_.emplace(std::move(ours));
}

void Supervisor::start_chain(const std::string& environment_records) {
  auto firewall = MessageChannel::make_pair();
  auto relay = MessageChannel::make_pair();
  auto self_test = MessageChannel::make_pair();
  const UniqueFd environment = make_sealed_file("awf-environment", environment_records);
  SpawnPlan spawn{.program = plan_.chain.front(),
                  .argv = plan_.chain,
                  .environment = chain_environment(),
                  .fds = {{chain_fd::kFirewall, firewall.second.fd()},
                          {chain_fd::kRelay, relay.second.fd()},
                          {chain_fd::kSelfTest, self_test.second.fd()},
                          {chain_fd::kEnvironment, environment.get()}}};
  if (config_.tty) {
    terminal_.emplace(Terminal::open());
    for (const int standard : {0, 1, 2})
      spawn.fds.emplace_back(standard, terminal_->slave());
  }
  if (output_) output_->route(spawn);
  // A session of its own keeps a Ctrl-C of our terminal for us to relay, once.
  spawn.new_session = true;
  chain_.emplace(Child::spawn(spawn));
  processes_.emplace(chain_->pid());
  if (terminal_) terminal_->close_slave();
  if (output_) output_->close_command_side();
  firewall_channel_.emplace(std::move(firewall.first));
  relay_channel_.emplace(std::move(relay.first));
  self_test_channel_.emplace(std::move(self_test.first));
}

std::vector<int> Supervisor::watched() const {
  std::vector<int> fds = {signals_.fd()};
  for (const auto* channel :
       {&firewall_channel_, &self_test_channel_, &relay_channel_, &proxy_channel_}) {
    if (*channel) fds.push_back((*channel)->fd());
  }
  if (output_ && output_->watched_fd() >= 0) fds.push_back(output_->watched_fd());
  if (terminal_) {
    fds.push_back(terminal_->master());
    if (input_open_) fds.push_back(STDIN_FILENO);
  }
  return fds;
}

// Ends when the chain's first process has ended and its channels are read to their end: a status
// that was sent is never lost.
void Supervisor::serve_until_chain_ends() {
  const auto deadline = steady_clock::now() + kSetUpLimit;
  for (;;) {
    std::vector<pollfd> polled;
    for (const int fd : watched())
      polled.push_back({fd, POLLIN, 0});
    polled.push_back({chain_->pidfd(), POLLIN, 0});
    const bool setting_up = phase_ != Phase::kRunning;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const int wait = setting_up ? static_cast<int>(std::max<long>(0, left.count())) : -1;
    const int ready = ::poll(polled.data(), polled.size(), wait);
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for the sandbox");
    if (ready == 0) {
      throw Refusal("setting up the sandbox took longer than " +
                    std::to_string(kSetUpLimit.count() / 1000) + " s; nothing was run");
    }
    bool handled = false;
    for (std::size_t i = 0; i + 1 < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      handle(polled[i].fd);
      handled = true;
    }
    if (!handled && polled.back().revents != 0) return;
  }
}

void Supervisor::handle(int fd) {
  if (fd == signals_.fd()) return on_signal();
  if (firewall_channel_ && fd == firewall_channel_->fd()) return on_firewall_message();
  if (self_test_channel_ && fd == self_test_channel_->fd()) return on_self_test_message();
  if (relay_channel_ && fd == relay_channel_->fd()) return on_relay_message();
  if (proxy_channel_ && fd == proxy_channel_->fd()) return on_proxy_message();
  if (output_ && fd == output_->watched_fd()) return output_->on_end();
  if (fd == STDIN_FILENO) {
    input_open_ = terminal_->relay_input();
  } else if (terminal_ && fd == terminal_->master() && !terminal_->relay_output()) {
    terminal_.reset();
  }
}

void Supervisor::on_firewall_message() {
  auto message = firewall_channel_->receive();
  if (!message) return firewall_channel_.reset();
  verify(message->text == "listeners", "awf-firewall speaks its protocol");
  sockets_ = net::SandboxSockets::from(std::move(message->fds)).owned();
  std::vector<int> borrowed;
  for (const auto& socket : sockets_)
    borrowed.push_back(socket.get());
  proxy_channel_->send("listeners", borrowed);
  // The rest of the chain need not wait for the proxy: whoever connects waits in the queue, and the
  // self-test at its end is the gate.
  firewall_channel_->send("go");
}

void Supervisor::on_proxy_message() {
  const auto message = proxy_channel_->receive();
  if (!message) return on_proxy_end();
  constexpr std::string_view kWho = "who ";
  if (message->text.starts_with(kWho)) {
    return tell_holder_of_socket(std::string_view(message->text).substr(kWho.size()));
  }
  if (message->text == "ready") {
    proxy_ready_ = true;
    if (phase_ == Phase::kRunning) return proxy_channel_->send("armed");  // a restarted one
    arm_when_ready();
  } else if (message->text == "armed" && phase_ == Phase::kArming) {
    phase_ = Phase::kRunning;
    self_test_channel_->send("go");
    self_test_channel_.reset();
    if (early_signal_) relay_channel_->send("signal " + std::to_string(*early_signal_));
  }
}

void Supervisor::on_proxy_end() {
  const int status = proxy_->wait();
  proxy_channel_.reset();
  if (phase_ != Phase::kRunning) throw Refusal("awf-egress-proxy ended before the command started");
  if (proxy_restarts_++ >= kMaxProxyRestarts) {
    spdlog::error("the egress proxy ended again (status {}); the network of this run stays shut",
                  exit_code::from_wait_status(status));
    // With the last holder of the listening sockets gone, connects are refused instead of queued.
    sockets_.clear();
    return;
  }
  spdlog::warn("the egress proxy ended unexpectedly (status {}); its open connections are lost",
               exit_code::from_wait_status(status));
  start_proxy();
  std::vector<int> borrowed;
  for (const auto& socket : sockets_)
    borrowed.push_back(socket.get());
  proxy_channel_->send("listeners", borrowed);
}

// The proxy has given up its authority and cannot look into processes; we can.
void Supervisor::tell_holder_of_socket(std::string_view inode) {
  const auto number = parse_number<std::uint64_t>(inode);
  verify(number.has_value(), "awf-egress-proxy speaks its protocol");
  std::string answer = "process " + std::string(inode);
  if (const auto found = processes_->holder_of_socket(*number)) {
    answer += " " + std::to_string(found->pid) + " " + found->name;
  }
  try {
    proxy_channel_->send(answer);
  } catch (const SystemFailure& failure) {
    // It ended meanwhile: the end of its channel is the next thing that is read.
    spdlog::debug("telling the egress proxy about a process: {}", failure.what());
  }
}

void Supervisor::on_relay_message() {
  const auto message = relay_channel_->receive();
  if (!message) return relay_channel_.reset();
  const auto words = split(message->text, ' ');
  const auto status = words.size() == 2 ? parse_number<unsigned>(words[1]) : std::nullopt;
  verify(status && (words[0] == "status" || words[0] == "time-limit"),
         "awf-exit-relay speaks its protocol");
  wait_status_ = static_cast<int>(*status);
  time_limit_hit_ = words[0] == "time-limit";
}

void Supervisor::on_self_test_message() {
  const auto message = self_test_channel_->receive();
  if (!message) return self_test_channel_.reset();
  const auto first_line = message->text.substr(0, message->text.find('\n'));
  spdlog::debug("self-test:\n{}", message->text);
  if (!all_contained(message->text)) {
    std::string broken;
    for (const auto line : split(message->text, '\n')) {
      if (!line.empty() && line.substr(0, 3) != "ok ") broken += "; " + std::string(line);
    }
    throw Refusal("the self-test found the sandbox open, nothing was run: " + broken.substr(2));
  }
  spdlog::info("self-test: {}", first_line);
  contained_ = true;
  arm_when_ready();
}

// The audit of the run begins here: what the self-test's probes left is not the command's doing.
void Supervisor::arm_when_ready() {
  if (phase_ != Phase::kSettingUp || !contained_ || !proxy_ready_) return;
  if (ready_for_command_) ready_for_command_();
  phase_ = Phase::kArming;
  proxy_channel_->send("armed");
}

void Supervisor::on_signal() {
  const int number = signals_.next();
  if (number == SIGWINCH) {
    if (terminal_) terminal_->copy_window_size();
    return;
  }
  const bool interruption = number == SIGINT || number == SIGTERM;
  if (interruption) ++interruptions_;
  if (phase_ != Phase::kRunning) {
    early_signal_ = number;
    // Before the command runs there is nobody who could clean up: end now.
    wait_status_ = number;
    chain_->signal(SIGKILL);
    return;
  }
  const int relayed = interruption && interruptions_ >= kInterruptionsUntilKill ? SIGKILL : number;
  if (relay_channel_) relay_channel_->send("signal " + std::to_string(relayed));
}

void Supervisor::finish_proxy() {
  if (!proxy_channel_) return;
  try {
    proxy_channel_->send("finish");
    while (const auto message = proxy_channel_->receive(kProxyFinishLimit)) {
      if (message->text == "finished") break;
    }
  } catch (const SystemFailure& failure) {
    spdlog::warn("the egress proxy did not finish its logs ({}); the last records may be missing",
                 failure.what());
  }
}

int Supervisor::exit_code_of_run() {
  const int chain_status = chain_->wait();
  if (time_limit_hit_) {
    spdlog::warn("the command was ended by --agent-timeout");
    return exit_code::kTimeLimit;
  }
  if (wait_status_) return exit_code::from_wait_status(*wait_status_);
  if (phase_ == Phase::kRunning) {
    throw Refusal("the sandbox ended before its command did (status " +
                  std::to_string(exit_code::from_wait_status(chain_status)) + ")");
  }
  throw Refusal("the sandbox could not be set up (see above); nothing was run");
}

}  // namespace awf::supervisor
