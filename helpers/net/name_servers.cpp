#include "net/name_servers.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/resolv_conf.hpp"

namespace awf::net {
namespace {

// Of ares.h: what a server says about the name. Everything else is about the server, so that
// another one may know better.
bool is_about_the_name(int status) noexcept {
  return status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA;
}

std::vector<std::optional<DnsServer>> servers_of(const ResolverOptions& options) {
  const auto known = options.servers.empty() ? host_servers() : options.servers;
  // Without any, c-ares asks this machine, as resolv.conf(5) says.
  if (known.empty()) return {std::nullopt};
  return {known.begin(), known.end()};
}

}  // namespace

// Held by the questions that are out.
struct NameServers::Lookup {
  Lookup(asio::io_context& context, std::string host, std::vector<std::size_t> servers,
         Callback done)
      : timer(context),
        name(std::move(host)),
        order(std::move(servers)),
        callback(std::move(done)) {}

  void finish(int with, const std::vector<policy::IpAddress>& addresses) {
    timer.cancel();
    const Callback done = std::exchange(callback, nullptr);
    done(with, addresses);
  }

  asio::steady_timer timer;
  std::string name;
  std::vector<std::size_t> order;
  std::size_t next = 0;  // in `order`
  std::size_t open = 0;  // questions
  int status = ARES_ETIMEOUT;
  Callback callback;  // empty when it is answered
};

NameServers::NameServers(asio::io_context& context, const ResolverOptions& options)
    : context_(context),
      patience_(options.patience),
      retry_failing_(options.retry_failing),
      take_turns_(!options.servers.empty()) {
  for (const auto& server : servers_of(options))
    servers_.emplace_back().channel = std::make_unique<CaresChannel>(context, options, server);
}

NameServers::~NameServers() = default;

void NameServers::look_up(const std::string& name, Callback callback) {
  const auto lookup =
      std::make_shared<Lookup>(context_, name, order_of_asking(), std::move(callback));
  ask_next(lookup);
  ask_a_failing_one(lookup);
}

std::vector<std::size_t> NameServers::order_of_asking() {
  std::vector<std::size_t> order(servers_.size());
  const std::size_t first = take_turns_ ? turn_++ : 0;
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = (first + i) % order.size();
  std::stable_partition(order.begin(), order.end(),
                        [this](std::size_t index) { return !servers_[index].failing; });
  return order;
}

void NameServers::ask(const std::shared_ptr<Lookup>& lookup, std::size_t index) {
  ++lookup->open;
  servers_[index].asked = Clock::now();
  // A channel that is being destroyed calls nobody, so `this` is there.
  servers_[index].channel->look_up(
      lookup->name,
      [this, lookup, index](int status, const std::vector<policy::IpAddress>& addresses) {
        on_answer(lookup, index, status, addresses);
      });
}

void NameServers::ask_next(const std::shared_ptr<Lookup>& lookup) {
  const std::size_t index = lookup->order[lookup->next++];
  const std::size_t asked = lookup->next;
  ask(lookup, index);
  // The hosts file answers at once, and a server without a route fails at once.
  if (!lookup->callback || lookup->next != asked || asked == lookup->order.size()) return;
  lookup->timer.expires_after(patience_);
  lookup->timer.async_wait([this, index, weak = std::weak_ptr<Lookup>(lookup),
                            alive = std::weak_ptr<const bool>(alive_)](const ErrorCode& error) {
    const auto open = weak.lock();
    if (error || alive.expired() || !open || !open->callback) return;
    servers_[index].failing = true;
    if (open->next < open->order.size()) ask_next(open);
  });
}

// Nobody waits for its answer, which may come first all the same.
void NameServers::ask_a_failing_one(const std::shared_ptr<Lookup>& lookup) {
  if (!lookup->callback) return;
  auto& order = lookup->order;
  const auto overdue =
      std::find_if(order.begin() + static_cast<std::ptrdiff_t>(lookup->next), order.end(),
                   [this](std::size_t index) {
                     const Server& server = servers_[index];
                     return server.failing && Clock::now() - server.asked >= retry_failing_;
                   });
  if (overdue == order.end()) return;
  const std::size_t index = *overdue;
  order.erase(overdue);
  ask(lookup, index);
}

void NameServers::on_answer(const std::shared_ptr<Lookup>& lookup, std::size_t index, int status,
                            const std::vector<policy::IpAddress>& addresses) {
  --lookup->open;
  servers_[index].failing = !is_about_the_name(status);
  if (!lookup->callback) return;
  if (is_about_the_name(status)) return lookup->finish(status, addresses);
  // Silence tells a person less than any other failure.
  if (status != ARES_ETIMEOUT) lookup->status = status;
  if (lookup->next < lookup->order.size()) {
    lookup->timer.cancel();
    return ask_next(lookup);
  }
  if (lookup->open == 0) lookup->finish(lookup->status, {});
}

}  // namespace awf::net
