// The client's side of a tunnel, until the origin has answered the hello.
#pragma once

#include <netinet/in.h>
#include <poll.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace awf::bench {

// What every tunnel of a run does.
struct Route {
  sockaddr_storage peer{};  // the proxy, or the origin itself
  socklen_t peer_size = 0;
  std::string connect_request;  // empty without a proxy
  std::string hello;
};

// `proxy` is "ADDRESS:PORT", or empty: then `name` is looked up as any program would do it.
Route make_route(const std::string& proxy, const std::string& name, const std::string& port);

// Non-blocking until open; one system call a step. A failure of any step throws.
class Tunnel {
 public:
  explicit Tunnel(const Route& route);

  // To be called when poll(2) says what awaits() asked for. True: the origin has answered the
  // hello.
  bool advance(const Route& route);
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] short awaits() const noexcept {
    return state_ == State::kConnecting ? POLLOUT : POLLIN;
  }

 private:
  enum class State : unsigned char { kConnecting, kAsked, kGreeted, kOpen };
  void speak_first(const Route& route);
  void send_whole(const std::string& bytes);
  // Bytes that are there; empty when there are none yet.
  std::string receive();

  UniqueFd fd_;
  State state_ = State::kConnecting;
  std::string reply_;
};

// Keeps `at_once` tunnels in the making and hands over each that is open, until `on_open` answers
// false; those still in the making then are completed and dropped.
using OnOpen = std::function<bool(Tunnel&&)>;
void open_tunnels(const Route& route, std::size_t at_once, const OnOpen& on_open);

// `count` open tunnels, blocking from now on.
std::vector<Tunnel> open_tunnels(const Route& route, std::size_t count);

}  // namespace awf::bench
