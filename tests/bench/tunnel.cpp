#include "tunnel.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "common/check.hpp"
#include "conversation.hpp"

namespace awf::bench {

Route make_route(const std::string& proxy, const std::string& name, const std::string& port) {
  Route route;
  route.hello = client_hello(name);
  std::string host = name;
  std::string service = port;
  if (!proxy.empty()) {
    const auto colon = proxy.rfind(':');
    host = proxy.substr(0, colon);
    service = proxy.substr(colon + 1);
    route.connect_request =
        "CONNECT " + name + ":" + port + " HTTP/1.1\r\nHost: " + name + ":" + port + "\r\n\r\n";
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (rc != 0) throw Refusal("looking up " + host + ": " + ::gai_strerror(rc));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  std::memcpy(&route.peer, list->ai_addr, list->ai_addrlen);
  route.peer_size = list->ai_addrlen;
  return route;
}

Tunnel::Tunnel(const Route& route)
    : fd_(check(::socket(route.peer.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                "opening a socket")) {
  const int on = 1;
  check(::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setting an option");
  const auto* peer = reinterpret_cast<const sockaddr*>(&route.peer);
  if (::connect(fd_.get(), peer, route.peer_size) == 0) {
    speak_first(route);
  } else if (errno != EINPROGRESS) {
    throw_system_failure("connecting", errno);
  }
}

void Tunnel::speak_first(const Route& route) {
  const bool direct = route.connect_request.empty();
  send_whole(direct ? route.hello : route.connect_request);
  state_ = direct ? State::kGreeted : State::kAsked;
}

void Tunnel::send_whole(const std::string& bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  check(sent, "sending");
  verify(sent == static_cast<ssize_t>(bytes.size()), "a request fits into the socket's buffer");
}

std::string Tunnel::receive() {
  std::array<char, 1024> bytes;
  const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && errno == EAGAIN) return {};
  check(got, "receiving");
  verify(got > 0, "the tunnel stays open (the last thing heard: " + reply_.substr(0, 60) + ")");
  return {bytes.data(), static_cast<std::size_t>(got)};
}

bool Tunnel::advance(const Route& route) {
  if (state_ == State::kConnecting) {
    int error = 0;
    socklen_t size = sizeof error;
    check(::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size), "asking for an error");
    if (error != 0) throw_system_failure("connecting", error);
    speak_first(route);
    return false;
  }
  reply_ += receive();
  if (state_ == State::kAsked) {
    const auto end = reply_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const bool accepted = reply_.rfind("HTTP/1.", 0) == 0 && reply_.compare(9, 3, "200") == 0;
    verify(accepted, "the proxy accepts the tunnel: " + reply_.substr(0, 60));
    reply_.erase(0, end + 4);
    send_whole(route.hello);
    state_ = State::kGreeted;
  }
  if (reply_.empty()) return false;
  verify(reply_ == std::string(1, kHelloAnswered), "the origin answers the hello with one byte");
  state_ = State::kOpen;
  return true;
}

void open_tunnels(const Route& route, std::size_t at_once, const OnOpen& on_open) {
  std::vector<Tunnel> opening;
  std::vector<pollfd> polled;
  bool wanted = true;
  while (wanted || !opening.empty()) {
    while (wanted && opening.size() < at_once)
      opening.emplace_back(route);
    polled.clear();
    for (const Tunnel& tunnel : opening)
      polled.push_back({tunnel.fd(), tunnel.awaits(), 0});
    check(::poll(polled.data(), polled.size(), -1), "waiting for tunnels");
    for (std::size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0 || !opening[i].advance(route)) continue;
      Tunnel tunnel = std::move(opening[i]);
      std::swap(opening[i], opening.back());
      opening.pop_back();
      if (wanted) wanted = on_open(std::move(tunnel));
    }
  }
}

std::vector<Tunnel> open_tunnels(const Route& route, std::size_t count) {
  constexpr std::size_t kAtOnce = 16;
  std::vector<Tunnel> open;
  open_tunnels(route, std::min(count, kAtOnce), [&](Tunnel&& tunnel) {
    check(::fcntl(tunnel.fd(), F_SETFL, 0), "making a socket blocking");
    open.push_back(std::move(tunnel));
    return open.size() < count;
  });
  return open;
}

}  // namespace awf::bench
