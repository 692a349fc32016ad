#include "awf/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "awf/self_test_tally.hpp"
#include "awf/standard_streams.hpp"
#include "awf/start_report.hpp"
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
// The third interruption of a person or runner means: now.
constexpr int kInterruptionsUntilKill = 3;

}  // namespace

Supervisor::Supervisor(const RunConfig& config, const Plan& plan, const RunLogs& logs,
                       Timeline& timeline, std::optional<OutputFilter> output)
    : config_(config),
      plan_(plan),
      timeline_(timeline),
      output_(std::move(output)),
      proxy_(plan, logs) {}

int Supervisor::run(const std::string& environment_records) {
  start_keeper();
  proxy_.start();
  start_chain(environment_records);
  timeline_.mark("egress proxy and chain started");
  serve_until_chain_ends();
  if (output_) output_->finish(signals_);
  timeline_.mark("command ended, output read to its end");
  proxy_.finish();
  if (keeper_) report_limits_hit(config_.resources, keeper_->finish());
  timeline_.mark("logs complete, cgroups removed");
  return exit_code_of_run();
}

void Supervisor::start_keeper() {
  const CgroupLimits limits = config_.resources.for_cgroup();
  if (!limits.any()) return;
  keeper_.emplace(CgroupKeeper::start(limits));
  limited_ = false;
}

void Supervisor::start_chain(const std::string& environment_records) {
  auto firewall = MessageChannel::make_pair();
  auto relay = MessageChannel::make_pair();
  auto self_test = MessageChannel::make_pair();
  const UniqueFd environment = make_sealed_file("awf-environment", environment_records);
  SpawnPlan spawn{.program = plan_.chain.front(),
                  .argv = plan_.chain,
                  .environment = service_environment(),
                  .fds = {{chain_fd::kFirewall, firewall.second.fd()},
                          {chain_fd::kRelay, relay.second.fd()},
                          {chain_fd::kSelfTest, self_test.second.fd()},
                          {chain_fd::kEnvironment, environment.get()}}};
  if (config_.tty) {
    terminal_.emplace(Terminal::open());
    for (const int standard : {0, 1, 2})
      spawn.fds.emplace_back(standard, terminal_->slave());
  } else if (!may_be_handed_over(STDIN_FILENO)) {
    input_.emplace(InputRelay::start());
    spawn.fds.emplace_back(STDIN_FILENO, input_->command_side());
  }
  if (output_) output_->route(spawn);
  // A session of its own keeps a Ctrl-C of our terminal for us to relay, once.
  spawn.new_session = true;
  chain_.emplace(Child::spawn(spawn));
  if (keeper_) keeper_->place(chain_->pid());
  processes_.emplace(chain_->pid());
  if (terminal_) terminal_->close_slave();
  if (output_) output_->close_command_side();
  firewall_channel_.emplace(std::move(firewall.first));
  relay_channel_.emplace(std::move(relay.first));
  self_test_channel_.emplace(std::move(self_test.first));
}

std::vector<pollfd> Supervisor::watched() const {
  std::vector<pollfd> polled = {{signals_.fd(), POLLIN, 0}};
  for (const auto* channel : {&firewall_channel_, &self_test_channel_, &relay_channel_}) {
    if (*channel) polled.push_back({(*channel)->fd(), POLLIN, 0});
  }
  // poll(2) passes over negative descriptors.
  polled.push_back({proxy_.watched_fd(), POLLIN, 0});
  if (keeper_) polled.push_back({keeper_->watched_fd(), POLLIN, 0});
  if (output_) polled.push_back({output_->watched_fd(), POLLIN, 0});
  if (input_) input_->watch(polled);
  if (terminal_) terminal_->watch(polled);
  polled.push_back({chain_ended_ ? -1 : chain_->pidfd(), POLLIN, 0});
  return polled;
}

bool Supervisor::all_is_passed_on() const {
  return !terminal_ || !terminal_->holds_output();
}

// Ends when the chain's first process has ended and its channels are read to their end: a status
// that was sent is never lost.
void Supervisor::serve_until_chain_ends() {
  const auto deadline = steady_clock::now() + kSetUpLimit;
  for (;;) {
    auto polled = watched();
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
      handle(polled[i]);
      handled = true;
    }
    if (handled) continue;
    chain_ended_ = true;
    if (all_is_passed_on()) return;
  }
}

void Supervisor::handle(const pollfd& ready) {
  const int fd = ready.fd;
  if (fd == signals_.fd()) return on_signal();
  if (firewall_channel_ && fd == firewall_channel_->fd()) return on_firewall_message();
  if (self_test_channel_ && fd == self_test_channel_->fd()) return on_self_test_message();
  if (relay_channel_ && fd == relay_channel_->fd()) return on_relay_message();
  if (fd == proxy_.watched_fd()) return on_proxy_message();
  if (keeper_ && fd == keeper_->watched_fd()) return on_keeper_answer();
  if (output_ && fd == output_->watched_fd()) return output_->on_end();
  if (input_ && input_->on_ready(ready)) return;
  if (terminal_ && terminal_->on_ready(ready) && terminal_->ended()) terminal_.reset();
}

void Supervisor::on_firewall_message() {
  auto message = firewall_channel_->receive();
  if (!message) return firewall_channel_.reset();
  verify(message->text == "listeners", "awf-firewall speaks its protocol");
  timeline_.mark("network namespace, rules and sockets (awf-firewall)");
  proxy_.serve(net::SandboxSockets::from(std::move(message->fds)).owned());
  // The rest of the chain need not wait for the proxy: whoever connects waits in the queue, and the
  // self-test at its end is the gate.
  firewall_channel_->send("go");
}

void Supervisor::on_keeper_answer() {
  const auto reason = keeper_->answer();
  limited_ = true;
  timeline_.mark("chain is under its limits (cgroup)");
  if (reason) {
    report_missing_limits(config_.resources, *reason);
    keeper_.reset();
  }
  arm_when_ready();
}

void Supervisor::on_proxy_message() {
  const auto message = proxy_.receive();
  if (!message) return on_proxy_end();
  constexpr std::string_view kWho = "who ";
  if (message->text.starts_with(kWho)) {
    return tell_holder_of_socket(std::string_view(message->text).substr(kWho.size()));
  }
  if (message->text == "ready") {
    timeline_.mark("egress proxy serves");
    proxy_ready_ = true;
    if (phase_ == Phase::kRunning) return proxy_.tell("armed");  // a restarted one
    arm_when_ready();
  } else if (message->text == "armed" && phase_ == Phase::kArming) {
    phase_ = Phase::kRunning;
    timeline_.mark("audit armed; the command may start");
    self_test_channel_->send("go");
    self_test_channel_.reset();
    if (early_signal_) forward(*early_signal_);
  }
}

void Supervisor::on_proxy_end() {
  const int code = exit_code::from_wait_status(proxy_.ended());
  if (phase_ != Phase::kRunning) throw Refusal("awf-egress-proxy ended before the command started");
  proxy_ready_ = false;
  if (!proxy_.restart()) {
    spdlog::error("the egress proxy ended again (status {}); the network of this run stays shut",
                  code);
    return;
  }
  spdlog::warn("the egress proxy ended unexpectedly (status {}); its open connections are lost",
               code);
}

// The proxy has given up its authority and cannot look into processes; we can.
void Supervisor::tell_holder_of_socket(std::string_view inode) {
  const auto number = parse_number<std::uint64_t>(inode);
  verify(number.has_value(), "awf-egress-proxy speaks its protocol");
  std::string answer = "process " + std::string(inode);
  if (const auto found = processes_->holder_of_socket(*number)) {
    answer += " " + std::to_string(found->pid) + " " + found->name;
  }
  proxy_.tell(answer);
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
  spdlog::debug("self-test:\n{}", message->text);
  if (const auto open = open_ways(message->text)) {
    throw Refusal("the self-test found the sandbox open, nothing was run: " + *open);
  }
  spdlog::info("self-test: {}", message->text.substr(0, message->text.find('\n')));
  timeline_.mark("files, processes, rights and the self-test (the rest of the chain)");
  contained_ = true;
  // By now the chain has made all of its processes, and nothing of the command's runs yet.
  if (keeper_) keeper_->complete(chain_->pid());
  arm_when_ready();
}

// The audit of the run begins here: what the self-test's probes left is not the command's doing.
void Supervisor::arm_when_ready() {
  if (phase_ != Phase::kSettingUp || !contained_ || !limited_ || !proxy_ready_) return;
  if (ready_for_command_) ready_for_command_();
  phase_ = Phase::kArming;
  proxy_.tell("armed");
}

// The relay may have ended in this very moment; its status is then the next thing that is read.
void Supervisor::forward(int number) {
  if (!relay_channel_) return;
  try {
    relay_channel_->send("signal " + std::to_string(number));
  } catch (const SystemFailure& failure) {
    if (failure.error_number() != EPIPE) throw;
  }
}

void Supervisor::on_signal() {
  const int number = signals_.next();
  if (number == SIGWINCH) {
    if (terminal_) terminal_->copy_window_size();
    return;
  }
  const bool interruption = number == SIGINT || number == SIGTERM;
  if (interruption) ++interruptions_;
  if (chain_ended_) return terminal_.reset();  // nobody reads the last output: it is lost
  if (phase_ != Phase::kRunning) {
    early_signal_ = number;
    // Before the command runs there is nobody who could clean up: end now.
    wait_status_ = number;
    chain_->signal(SIGKILL);
    return;
  }
  forward(interruption && interruptions_ >= kInterruptionsUntilKill ? SIGKILL : number);
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
