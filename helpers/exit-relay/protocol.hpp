// The words of the two channels: supervisor ↔ outer half ↔ PID 1. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace awf::exit_relay {

// "signal N", N from 1 to 64: forward this signal to the command.
Result<int> parse_signal(std::string_view message);
std::string signal_message(int number);

// "status W", W the command's wait status as of waitpid(2), in decimal.
Result<int> parse_status(std::string_view message);
std::string status_message(int wait_status);

// "time-limit W": the same, when the time limit ended the command.
std::string time_limit_message(int wait_status);

// PID 1 may let the command start: the outer half has locked itself down.
inline constexpr std::string_view kGo = "go";

}  // namespace awf::exit_relay
