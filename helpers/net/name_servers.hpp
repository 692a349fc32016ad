// Several DNS servers as one: who is asked first, and who else when that one keeps silent.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.hpp"
#include "net/cares_channel.hpp"
#include "net/resolver.hpp"

namespace awf::net {

// c-ares knows how to fail over, but 1.18 keeps no memory of who answered: a dead server would cost
// every lookup that begins at it a whole time limit. So each server has a channel of its own here.
// A lookup asks one server; when that one says nothing for `patience`, the next one too, and
// whoever answers first has answered. A server that kept silent or failed is asked last from then
// on, and by one lookup in `retry_failing` beside another one, until it answers. Given servers take
// turns as the first; those of resolv.conf(5) keep their order. One thread.
class NameServers {
 public:
  using Callback = CaresChannel::Callback;

  // Throws as Resolver's constructor does.
  NameServers(asio::io_context& context, const ResolverOptions& options);
  NameServers(const NameServers&) = delete;
  NameServers& operator=(const NameServers&) = delete;
  ~NameServers();

  // `callback` runs once. It may run inside this call, and does not run after the destructor has
  // begun.
  void look_up(const std::string& name, Callback callback);

 private:
  using Clock = std::chrono::steady_clock;
  struct Server {
    std::unique_ptr<CaresChannel> channel;
    bool failing = false;
    Clock::time_point asked;
  };
  struct Lookup;

  std::vector<std::size_t> order_of_asking();
  void ask(const std::shared_ptr<Lookup>& lookup, std::size_t index);
  void ask_next(const std::shared_ptr<Lookup>& lookup);
  void ask_a_failing_one(const std::shared_ptr<Lookup>& lookup);
  void on_answer(const std::shared_ptr<Lookup>& lookup, std::size_t index, int status,
                 const std::vector<policy::IpAddress>& addresses);

  asio::io_context& context_;
  std::chrono::milliseconds patience_;
  std::chrono::milliseconds retry_failing_;
  bool take_turns_;
  std::size_t turn_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::vector<Server> servers_;  // last: ending its channels needs nothing else
};

}  // namespace awf::net
