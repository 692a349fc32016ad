// Names that are being looked up, and who waits for each.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.hpp"
#include "net/resolver.hpp"

namespace awf::net {

// Concurrent questions for one name become one; more than kMaxPendingLookups different names are
// refused; callbacks run from the event loop, never from inside a call. One thread. Nothing is
// remembered after an answer.
class PendingLookups {
 public:
  explicit PendingLookups(asio::io_context& context);
  PendingLookups(const PendingLookups&) = delete;
  PendingLookups& operator=(const PendingLookups&) = delete;
  // Callbacks that have not run are dropped.
  ~PendingLookups();

  // True: the name is new, so the caller has to look it up and to call answer() once.
  [[nodiscard]] bool add(const std::string& name, Resolver::Callback callback);
  // May be called from inside add()'s caller. A name that nobody waits for is ignored.
  void answer(const std::string& name, ResolveAnswer answer);

 private:
  struct State {
    std::map<std::string, std::vector<Resolver::Callback>> waiting;
  };

  asio::io_context& context_;
  std::shared_ptr<State> state_;  // shared with posted handlers, which may outlive us, weakly
};

}  // namespace awf::net
