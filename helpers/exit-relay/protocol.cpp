#include "exit-relay/protocol.hpp"

#include <sys/wait.h>

#include <csignal>
#include <optional>

#include "common/text.hpp"

namespace awf::exit_relay {
namespace {

std::optional<unsigned> number_after(std::string_view message, std::string_view word) {
  if (!message.starts_with(word)) return std::nullopt;
  return parse_number<unsigned>(message.substr(word.size()));
}

}  // namespace

Result<int> parse_signal(std::string_view message) {
  const auto number = number_after(message, "signal ");
  if (!number || *number < 1 || *number >= _NSIG) {
    return Error{"not a signal to forward: " + quoted(message)};
  }
  return static_cast<int>(*number);
}

std::string signal_message(int number) {
  return "signal " + std::to_string(number);
}

Result<int> parse_status(std::string_view message) {
  constexpr unsigned kSixteenBits = 0xffff;
  const auto number = number_after(message, "status ");
  if (!number || *number > kSixteenBits) {
    return Error{"not a status of a process: " + quoted(message)};
  }
  const int status = static_cast<int>(*number);
  // Stopped and continued processes have not ended; nobody may take their status for an end.
  if (!WIFEXITED(status) && !WIFSIGNALED(status)) {
    return Error{"not the status of a process that ended: " + quoted(message)};
  }
  return status;
}

std::string status_message(int wait_status) {
  return "status " + std::to_string(wait_status);
}

std::string time_limit_message(int wait_status) {
  return "time-limit " + std::to_string(wait_status);
}

}  // namespace awf::exit_relay
