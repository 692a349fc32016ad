#include "awf/output_filter.hpp"

#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "awf/plan_text.hpp"
#include "awf/standard_streams.hpp"
#include "common/check.hpp"
#include "common/exit_code.hpp"
#include "policy/protected_value.hpp"

namespace awf::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStandingReaderLimit{60000};
constexpr milliseconds kLastWordsLimit{1000};

void add_protected(std::string& values, const std::string& variable,
                   const EnvironmentConfig& wanted) {
  const auto equals = variable.find('=');
  if (equals == std::string::npos) return;
  const std::string_view name = std::string_view(variable).substr(0, equals);
  const auto is_in = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto value =
      policy::protected_part(name, std::string_view(variable).substr(equals + 1),
                             is_in(wanted.granted_names) || is_in(wanted.secret_names));
  if (value.empty()) return;
  values += value;
  values += '\0';
}

}  // namespace

std::string protected_values(const RunConfig& config,
                             const std::vector<std::string>& host_environment) {
  std::string values;
  for (const auto* variables :
       {&host_environment, &config.environment.asked_for, &config.environment.from_files}) {
    for (const auto& variable : *variables)
      add_protected(values, variable, config.environment);
  }
  return values;
}

FilteredStreams filtered_streams(const RunConfig& config, bool has_secrets) {
  const bool all = has_secrets || config.in_actions;
  FilteredStreams streams{.output = all || !may_be_handed_over(STDOUT_FILENO),
                          .errors = all || !may_be_handed_over(STDERR_FILENO)};
  streams.joined = streams.output && streams.errors &&
                   (config.in_actions || are_one_file(STDOUT_FILENO, STDERR_FILENO));
  return streams;
}

std::vector<std::string> output_filter_argv(const RunConfig& config, const FilteredStreams& streams,
                                            const std::string& programs, unsigned uid) {
  std::vector<std::string> argv = {programs + "/awf-redact", "--secrets-fd",
                                   std::to_string(filter_fd::kSecrets)};
  const auto add_stream = [&](int in, int out) {
    argv.insert(argv.end(), {"--stream", std::to_string(in) + ":" + std::to_string(out)});
  };
  if (streams.output) add_stream(filter_fd::kFirstInput, STDOUT_FILENO);
  if (streams.errors && !streams.joined) add_stream(filter_fd::kSecondInput, STDERR_FILENO);
  if (config.in_actions) argv.emplace_back("--actions");
  if (config.add_masks) argv.emplace_back("--add-masks");
  if (config.identity.mode == Mode::kPrivileged) {
    argv.insert(argv.end(), {"--uid", std::to_string(uid), "--gid", std::to_string(uid)});
  }
  return argv;
}

std::optional<OutputFilter> start_output_filter(const RunConfig& config,
                                                const std::string& programs,
                                                const std::vector<std::string>& host_environment) {
  if (config.tty) return std::nullopt;
  std::string secrets = protected_values(config, host_environment);
  const FilteredStreams streams = filtered_streams(config, !secrets.empty());
  if (!streams.any()) return std::nullopt;
  // Its own user: not the command's, and not the egress proxy's either.
  const unsigned uid = proxy_uid(::getpid() + 1);
  auto filter =
      OutputFilter::start(output_filter_argv(config, streams, programs, uid), secrets, streams);
  ::explicit_bzero(secrets.data(), secrets.size());
  return filter;
}

OutputFilter OutputFilter::start(const std::vector<std::string>& argv, std::string_view secrets,
                                 const FilteredStreams& streams) {
  const UniqueFd secrets_file = make_sealed_file("awf-secrets", secrets);
  Pipe output;
  Pipe errors;
  SpawnPlan spawn{.program = argv.front(),
                  .argv = argv,
                  .environment = {"LC_ALL=C.UTF-8"},
                  .fds = {{filter_fd::kSecrets, secrets_file.get()}},
                  .new_session = true};
  if (streams.output) {
    output = make_pipe(0);
    spawn.fds.emplace_back(filter_fd::kFirstInput, output.read_end.get());
  }
  if (streams.errors && !streams.joined) {
    errors = make_pipe(0);
    spawn.fds.emplace_back(filter_fd::kSecondInput, errors.read_end.get());
  }
  return {Child::spawn(spawn), std::move(output.write_end), std::move(errors.write_end),
          streams.joined};
}

OutputFilter::~OutputFilter() {
  close_command_side();
  try {
    if (child_.pidfd() >= 0 && !ended_) (void)child_.wait_for(kLastWordsLimit);
  } catch (const SystemFailure& failure) {
    spdlog::warn("the last output may be missing: {}", failure.what());
  }
}

void OutputFilter::route(SpawnPlan& chain) const {
  if (output_) chain.fds.emplace_back(STDOUT_FILENO, output_.get());
  if (errors_) chain.fds.emplace_back(STDERR_FILENO, errors_.get());
  if (joined_) chain.fds.emplace_back(STDERR_FILENO, output_.get());
}

void OutputFilter::close_command_side() noexcept {
  output_.reset();
  errors_.reset();
}

void OutputFilter::on_end() {
  const int status = exit_code::from_wait_status(child_.wait());
  ended_ = true;
  if (status == 0) return;
  throw Refusal("awf-redact, which hides secrets in the command's output, failed (status " +
                std::to_string(status) + "); the run was ended");
}

void OutputFilter::finish(const SignalSource& signals) {
  close_command_side();
  const auto deadline = steady_clock::now() + kStandingReaderLimit;
  while (!ended_) {
    std::array<pollfd, 2> ends{pollfd{child_.pidfd(), POLLIN, 0}, pollfd{signals.fd(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const int ready =
        ::poll(ends.data(), ends.size(), static_cast<int>(std::max<long>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for the last output");
    if (ends[0].revents != 0) return on_end();
    const bool given_up = ready == 0 || signals.next() != SIGWINCH;
    if (!given_up) continue;
    spdlog::warn("nobody reads the rest of the command's output; it is lost");
    child_.signal(SIGKILL);
    (void)child_.wait();
    ended_ = true;
  }
}

}  // namespace awf::supervisor
