// A program running on the test world's machine.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::test_world {

// Whose authority a command has on the machine.
enum class Caller {
  kRoot,      // uid 0, no SUDO_ variables
  kSudo,      // uid 0 with SUDO_UID and SUDO_GID of the runner, as after `sudo awf`
  kRootless,  // the runner: uid 33, no capabilities
};

inline constexpr uid_t kRunnerUid = 33;
inline constexpr gid_t kRunnerGid = 33;

struct RunOptions {
  Caller caller = Caller::kRoot;
  std::vector<std::string> environment;  // "NAME=value", on top of a runner's minimal one
  std::string directory = "/home/runner/work/repo/repo";
  std::string input;  // the whole stdin; kept open as a pipe instead when input_stays_open
  bool input_stays_open = false;
  bool one_output = false;  // stderr is the same pipe as stdout
  // Our own stdin, stdout, stderr and session, for a person at a terminal.
  bool inherit_terminal = false;
  std::chrono::milliseconds limit{30000};
};

struct CommandResult {
  bool ended = false;  // false: the limit was reached and the command killed
  int wait_status = 0;
  int exit_code = -1;  // as a shell says it: 128 + signal
  std::string output;
  std::string errors;
  std::chrono::milliseconds duration{0};
};

// For gtest's messages: exit code, stdout and stderr.
std::ostream& operator<<(std::ostream& out, const CommandResult& result);

// The machine's namespaces, borrowed.
struct MachineNamespaces {
  int pid = -1;
  int net = -1;
  int mount = -1;
};

// Owns the process and the reading ends of its output. Destruction kills and reaps it; what it
// left behind on the machine lives until the World ends.
class RunningCommand {
 public:
  static RunningCommand start(const MachineNamespaces& machine,
                              const std::vector<std::string>& argv, const RunOptions& options);
  RunningCommand(RunningCommand&&) noexcept = default;
  RunningCommand& operator=(RunningCommand&&) = delete;
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;
  ~RunningCommand();

  // By pidfd: no error when it has ended already.
  void signal(int number) const;
  // SIGKILL for the process that started the command (a workflow step's shell), not for itself.
  void kill_caller() const;
  void write_input(const std::string& text) const;
  void close_input() { input_.reset(); }

  // Reads until stdout (or stderr) contains `text`; false at the end of the stream or the limit.
  bool wait_for_output(const std::string& text,
                       std::chrono::milliseconds limit = std::chrono::seconds(20));
  bool wait_for_errors(const std::string& text,
                       std::chrono::milliseconds limit = std::chrono::seconds(20));
  [[nodiscard]] const std::string& output() const noexcept { return output_; }
  [[nodiscard]] const std::string& errors() const noexcept { return errors_; }

  // Reads everything and waits for the end, at most the limit of RunOptions; then kills.
  CommandResult finish();

 private:
  RunningCommand() = default;
  bool read_more(std::chrono::steady_clock::time_point deadline);
  bool wait_for_text(const std::string& stream, const std::string& text,
                     std::chrono::milliseconds limit);
  void drain();

  pid_t caller_ = -1;
  UniqueFd caller_pidfd_;
  UniqueFd pidfd_;
  UniqueFd report_;  // the caller writes the wait status here
  UniqueFd input_;
  UniqueFd output_fd_;
  UniqueFd errors_fd_;
  std::string output_;
  std::string errors_;
  std::optional<int> wait_status_;
  std::chrono::steady_clock::time_point started_{};
  std::chrono::milliseconds limit_{0};
};

}  // namespace awf::test_world
