// Runs a plan: starts the egress proxy and the chain, watches both, relays signals, ends both.
#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "awf/cgroup_keeper.hpp"
#include "awf/input_relay.hpp"
#include "awf/output_filter.hpp"
#include "awf/plan.hpp"
#include "awf/process_finder.hpp"
#include "awf/proxy_process.hpp"
#include "awf/run_config.hpp"
#include "awf/run_logs.hpp"
#include "awf/signals.hpp"
#include "awf/terminal.hpp"
#include "awf/timeline.hpp"
#include "common/child.hpp"
#include "common/message_channel.hpp"

namespace awf::supervisor {

// One run. Not copyable, used once, one thread. Whatever happens to this process, the kernel ends
// the rest: both children have a parent-death signal, and all of them see the end of their channel.
class Supervisor {
 public:
  // Borrows the first four for its lifetime. Without a filter the command's output is ours.
  Supervisor(const RunConfig& config, const Plan& plan, const RunLogs& logs, Timeline& timeline,
             std::optional<OutputFilter> output = std::nullopt);

  // `ready` is called once, when all else is, before the command is let go; when it throws, the
  // command does not start.
  void hold_command_until(std::function<void()> ready) { ready_for_command_ = std::move(ready); }

  // The exit code of the run (common/exit_code.hpp). Throws when the sandbox could not be set up;
  // then the command has not been started.
  int run(const std::string& environment_records);

 private:
  enum class Phase { kSettingUp, kArming, kRunning };

  void start_keeper();
  void start_chain(const std::string& environment_records);
  void serve_until_chain_ends();
  std::vector<pollfd> watched() const;
  void handle(const pollfd& ready);
  [[nodiscard]] bool all_is_passed_on() const;

  void on_firewall_message();
  void on_keeper_answer();
  void on_proxy_message();
  void on_proxy_end();
  void tell_holder_of_socket(std::string_view inode);
  void on_relay_message();
  void on_self_test_message();
  void on_signal();
  void arm_when_ready();
  void forward(int number);
  int exit_code_of_run();

  const RunConfig& config_;
  const Plan& plan_;
  Timeline& timeline_;
  SignalSource signals_;
  std::function<void()> ready_for_command_;
  Phase phase_ = Phase::kSettingUp;
  // Before the chain: it outlives it, and removes its cgroups when it is gone.
  std::optional<CgroupKeeper> keeper_;
  bool limited_ = true;  // false: the answer about the cgroups is still to come
  std::optional<OutputFilter> output_;
  std::optional<InputRelay> input_;
  std::optional<Terminal> terminal_;

  ProxyProcess proxy_;
  bool proxy_ready_ = false;

  std::optional<Child> chain_;
  bool chain_ended_ = false;
  std::optional<ProcessFinder> processes_;
  std::optional<MessageChannel> firewall_channel_;
  std::optional<MessageChannel> relay_channel_;
  std::optional<MessageChannel> self_test_channel_;
  bool contained_ = false;

  std::optional<int> wait_status_;
  bool time_limit_hit_ = false;
  std::optional<int> early_signal_;  // came before the command had started
  int interruptions_ = 0;
};

}  // namespace awf::supervisor
