#include "net/pending_lookups.hpp"

#include <utility>

#include "net/limits.hpp"

namespace awf::net {

PendingLookups::PendingLookups(asio::io_context& context)
    : context_(context), state_(std::make_shared<State>()) {}

PendingLookups::~PendingLookups() = default;

bool PendingLookups::add(const std::string& name, Resolver::Callback callback) {
  auto& waiting = state_->waiting;
  if (const auto open = waiting.find(name); open != waiting.end()) {
    open->second.push_back(std::move(callback));
    return false;
  }
  if (waiting.size() >= kMaxPendingLookups) {
    asio::post(context_, [weak = std::weak_ptr<State>(state_), callback = std::move(callback)] {
      if (weak.expired()) return;
      callback({ResolveAnswer::Status::kServerFailure, {}, "too many names are being looked up"});
    });
    return false;
  }
  waiting[name].push_back(std::move(callback));
  return true;
}

void PendingLookups::answer(const std::string& name, ResolveAnswer answer) {
  asio::post(context_, [weak = std::weak_ptr<State>(state_), name, answer = std::move(answer)] {
    const auto state = weak.lock();
    if (!state) return;
    const auto node = state->waiting.extract(name);
    if (node.empty()) return;
    for (const auto& callback : node.mapped()) {
      // A callback may destroy us; what that promised then holds for the rest too.
      if (state.use_count() == 1) return;
      callback(answer);
    }
  });
}

}  // namespace awf::net
