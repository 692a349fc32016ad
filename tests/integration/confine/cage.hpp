// A command in the last two links of the chain, awf-exit-relay and awf-confine, without the network
// and file system parts: in the host's network namespace, which no test here sends a packet to.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "common/child.hpp"
#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"

namespace awf::tests {

enum class Mode {
  kRoot,      // as root; the command becomes uid 33
  kRootless,  // as uid 33 in a user namespace with ambient capabilities, as awf-firewall makes it
};
std::ostream& operator<<(std::ostream& out, Mode mode);

struct CageOptions {
  std::vector<std::string> relay_options;
  std::vector<std::string> confine_options;  // besides --uid 33 --gid 33
  bool supervised = true;                    // with a control channel
};

struct Outcome {
  int wait_status = 0;  // of awf-exit-relay
  int exit_code = -1;
  std::string output;
  std::string errors;
  std::vector<std::string> messages;  // that the supervisor got
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome);

// Owns the chain; destroying it kills what is left.
class Cage {
 public:
  // Throws when something does not start or answer within a generous time.
  Cage(Mode mode, const std::vector<std::string>& command, const CageOptions& options = {});

  [[nodiscard]] const Child& relay() const noexcept { return relay_; }
  [[nodiscard]] bool relay_ended() {
    return relay_.wait_for(std::chrono::milliseconds(0)).has_value();
  }
  [[nodiscard]] const MessageChannel& control() const noexcept { return *control_; }
  void close_control() { control_.reset(); }

  // PID 1 of the cage by its number outside.
  [[nodiscard]] pid_t init_pid() const;
  // The command's main process by its number outside.
  [[nodiscard]] pid_t command_pid() const;

  // Returns when the command's main process is in this state of proc(5): 'T' is stopped.
  void await_command_state(char state) const;

  // Reads the command's standard output until it contains `text`.
  void await_output(const std::string& text);

  // Reads until nobody holds the command's output open any more: a survivor would, and this throws.
  Outcome finish();

 private:
  void read_some(std::chrono::steady_clock::time_point deadline);

  UniqueFd output_fd_;
  UniqueFd errors_fd_;
  std::optional<MessageChannel> control_;
  Child relay_;
  Outcome outcome_;
};

// bash -c SCRIPT.
std::vector<std::string> bash(const std::string& script);

// Runs it to its end.
Outcome run_caged(Mode mode, const std::vector<std::string>& command,
                  const CageOptions& options = {});

// The attack program beside this test, doing one of its attacks.
std::vector<std::string> attacker(const std::string& attack);

}  // namespace awf::tests
