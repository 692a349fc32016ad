#include "egress-proxy/attribution.hpp"

#include <utility>
#include <vector>

#include "common/text.hpp"

namespace awf::egress {
namespace {

using std::chrono::steady_clock;

// The first word of `text`, which loses it and the space behind it.
std::string_view take_word(std::string_view& text) {
  const auto end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

}  // namespace

void Attribution::attribute(AuditRecord record, Done done) {
  const bool possible = ask_ && record.flow && waiting_.size() < kMostWaiting && may_ask();
  const auto inode = possible ? diag_.inode_of(*record.flow) : std::nullopt;
  if (!inode) return done(record);
  waiting_.push_back({std::move(record), std::move(done), *inode, steady_clock::now() + kPatience});
  arm_timer();
  ask_("who " + std::to_string(*inode));
}

bool Attribution::may_ask() {
  const auto now = steady_clock::now();
  if (now - second_began_ >= std::chrono::seconds(1)) {
    second_began_ = now;
    asked_in_second_ = 0;
  }
  return asked_in_second_++ < kMostPerSecond;
}

void Attribution::on_answer(std::string_view message) {
  if (take_word(message) != "process") return;
  const auto inode = parse_number<std::uint32_t>(take_word(message));
  const auto pid = parse_number<unsigned>(take_word(message));
  if (!inode) return;
  std::vector<Waiting> answered;
  std::deque<Waiting> others;
  for (auto& waiting : waiting_) {
    if (waiting.inode == *inode) {
      answered.push_back(std::move(waiting));
    } else {
      others.push_back(std::move(waiting));
    }
  }
  waiting_ = std::move(others);
  for (auto& waiting : answered) {
    if (pid) waiting.record.process = ProcessName{*pid, std::string(message)};
    waiting.done(waiting.record);
  }
}

void Attribution::give_up() {
  for (auto& waiting : std::exchange(waiting_, {}))
    waiting.done(waiting.record);
}

void Attribution::arm_timer() {
  if (timer_runs_ || waiting_.empty()) return;
  timer_runs_ = true;
  timer_.expires_at(waiting_.front().until);
  timer_.async_wait([this](const net::ErrorCode& error) {
    if (error) return;  // we are gone
    timer_runs_ = false;
    const auto now = steady_clock::now();
    while (!waiting_.empty() && waiting_.front().until <= now) {
      const Waiting late = std::move(waiting_.front());
      waiting_.pop_front();
      late.done(late.record);
    }
    arm_timer();
  });
}

}  // namespace awf::egress
