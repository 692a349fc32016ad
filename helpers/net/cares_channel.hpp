// c-ares on Asio's event loop: its sockets, its timer, its callbacks.
#pragma once

#include <ares.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/asio.hpp"
#include "net/resolver.hpp"

namespace awf::net {

// One c-ares channel for one server. One thread. Works with c-ares 1.18 to 1.27, so it keeps to the
// functions that all of them have (socket state callback, ares_process_fd, ares_timeout).
class CaresChannel {
 public:
  // A status of ares.h and the addresses.
  using Callback = std::function<void(int, const std::vector<policy::IpAddress>&)>;

  // Without a server: those that c-ares finds itself. The servers of `options` are not looked at.
  // Throws as Resolver's constructor does.
  CaresChannel(asio::io_context& context, const ResolverOptions& options,
               const std::optional<DnsServer>& server);
  CaresChannel(const CaresChannel&) = delete;
  CaresChannel& operator=(const CaresChannel&) = delete;
  ~CaresChannel();

  // `callback` may run inside this call, and does not run after the destructor has begun.
  void look_up(const std::string& name, Callback callback);

 private:
  struct Watch;
  struct Query;

  void use_own_sockets();
  void use_server(const DnsServer& server);
  void arm_timer();
  void process(ares_socket_t readable, ares_socket_t writable);
  void watch(ares_socket_t fd, bool readable, bool writable);
  void wait_for(const std::shared_ptr<Watch>& watch, bool reading);
  int connect(ares_socket_t fd, const sockaddr* address, ares_socklen_t size) const;
  static void answered(void* query, int status, int timeouts, ares_addrinfo* info);

  asio::io_context& context_;
  asio::steady_timer timer_;
  ares_channel channel_ = nullptr;
  bool closing_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::unordered_map<ares_socket_t, std::shared_ptr<Watch>> watches_;
  unsigned zone_ = 0;  // index of the interface that leads to a link-local server
};

}  // namespace awf::net
