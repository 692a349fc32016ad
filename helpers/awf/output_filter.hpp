// The command's output on its way through awf-redact (design §8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "awf/run_config.hpp"
#include "awf/signals.hpp"
#include "common/child.hpp"
#include "common/file.hpp"

namespace awf::supervisor {

// Numbers of the descriptors that awf-redact inherits.
namespace filter_fd {
inline constexpr int kSecrets = 3;
inline constexpr int kFirstInput = 4;
inline constexpr int kSecondInput = 5;
}  // namespace filter_fd

// The values that must not appear in the output, each ended by a NUL byte: those of sensitive,
// granted and called-secret names of the caller's environment, --env and --env-file, as
// awf-unset-tokens protects them.
std::string protected_values(const RunConfig& config,
                             const std::vector<std::string>& host_environment);

// Which of the command's streams pass awf-redact.
struct FilteredStreams {
  bool output = false;
  bool errors = false;
  bool joined = false;  // both, as one: their order is kept

  [[nodiscard]] bool any() const noexcept { return output || errors; }
};

// Both when a value is protected or GitHub's runner reads them; otherwise those that the command
// may not hold (standard_streams.hpp). Looks at our own descriptors.
FilteredStreams filtered_streams(const RunConfig& config, bool has_secrets);

// argv of awf-redact. Pure.
std::vector<std::string> output_filter_argv(const RunConfig& config, const FilteredStreams& streams,
                                            const std::string& programs, unsigned uid);

class OutputFilter;
// Starts awf-redact from the directory `programs` where the output needs it: nothing when both
// streams may be handed over, or the command has a terminal of its own (--tty).
// Throws SystemFailure.
std::optional<OutputFilter> start_output_filter(const RunConfig& config,
                                                const std::string& programs,
                                                const std::vector<std::string>& host_environment);

// awf-redact and the command's side of its streams. Without it the command's descriptors are ours,
// with it they are pipes that nobody but awf-redact reads: when it ends, nothing can pass it by.
class OutputFilter {
 public:
  // Precondition: streams.any(). Throws SystemFailure.
  static OutputFilter start(const std::vector<std::string>& argv, std::string_view secrets,
                            const FilteredStreams& streams);

  OutputFilter(OutputFilter&&) noexcept = default;
  OutputFilter& operator=(OutputFilter&&) = delete;
  // What is under way still gets out, within a second: it may say why a run was refused.
  ~OutputFilter();

  // Makes the filtered ones of `chain`'s stdout and stderr pipes of ours; and, when it has been
  // started, lets go of ours, so that the filter sees the end of the chain's.
  void route(SpawnPlan& chain) const;
  void close_command_side() noexcept;

  // Readable when awf-redact has ended; -1 once that is known.
  [[nodiscard]] int watched_fd() const noexcept { return ended_ ? -1 : child_.pidfd(); }
  // Precondition: watched_fd() is readable. It may end early and well: when all of its readers are
  // gone, or the chain has closed its output. Throws Refusal when it failed.
  void on_end();

  // After the chain has ended: waits until the last byte is with its reader. A reader that stands
  // still is waited for, as the command itself would have done, at most a minute or until a signal
  // comes; then what is left is lost and a warning says so. Throws Refusal as on_end.
  void finish(const SignalSource& signals);

 private:
  OutputFilter(Child child, UniqueFd output, UniqueFd errors, bool joined) noexcept
      : child_(std::move(child)),
        output_(std::move(output)),
        errors_(std::move(errors)),
        joined_(joined) {}

  Child child_;
  UniqueFd output_;
  UniqueFd errors_;
  bool joined_;  // output_ is for both
  bool ended_ = false;
};

}  // namespace awf::supervisor
