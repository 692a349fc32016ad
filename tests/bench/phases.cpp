#include "phases.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include "common/check.hpp"
#include "conversation.hpp"

namespace awf::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBulkTunnels = 4;
constexpr std::size_t kOpenersAtOnce = 16;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void say(const Tunnel& tunnel, char byte) {
  check(::send(tunnel.fd(), &byte, 1, MSG_NOSIGNAL), "choosing what follows");
}

std::vector<pollfd> polled(const std::vector<Tunnel>& tunnels, short events) {
  std::vector<pollfd> all;
  all.reserve(tunnels.size());
  for (const Tunnel& tunnel : tunnels)
    all.push_back({tunnel.fd(), events, 0});
  return all;
}

// How much of an upload one tunnel has sent, and had acknowledged by the origin.
struct Progress {
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
};

// Whole blocks only, so that every byte is acknowledged in the end.
bool wants_to_send(const Progress& progress, bool time_is_up) {
  return !time_is_up || progress.sent % kBlockBytes != 0;
}

void advance_upload(const pollfd& ready, Progress& progress, std::vector<char>& buffer) {
  if ((ready.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
    std::array<char, 64> acknowledged;
    const ssize_t got = ::recv(ready.fd, acknowledged.data(), acknowledged.size(), MSG_DONTWAIT);
    verify(got > 0, "the tunnel of an upload stays open");
    progress.taken += static_cast<std::uint64_t>(got) * kBlockBytes;
  }
  if ((ready.revents & POLLOUT) == 0) return;
  const std::size_t left = kBlockBytes - progress.sent % kBlockBytes;
  const ssize_t sent =
      ::send(ready.fd, buffer.data(), std::min(left, buffer.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) throw_system_failure("uploading", errno);
  if (sent > 0) progress.sent += static_cast<std::uint64_t>(sent);
}

}  // namespace

nlohmann::json hold_idle(const Route& route, std::size_t count, Held& held) {
  held = open_tunnels(route, count);
  return {{"tunnels", held.size()}};
}

nlohmann::json ping(const Route& route, std::size_t count) {
  const auto tunnels = open_tunnels(route, 1);
  const int fd = tunnels.front().fd();
  say(tunnels.front(), kEcho);
  std::vector<double> microseconds;
  for (std::size_t i = 0; i < count + count / 10; ++i) {
    const auto start = Clock::now();
    char byte = 'p';
    check(::send(fd, &byte, 1, MSG_NOSIGNAL), "sending a byte");
    verify(::recv(fd, &byte, 1, 0) == 1, "the byte comes back");
    // The first tenth warms the caches.
    if (i >= count / 10) microseconds.push_back(1e6 * seconds_since(start));
  }
  std::sort(microseconds.begin(), microseconds.end());
  return {{"p50Microseconds", microseconds[count / 2]},
          {"p99Microseconds", microseconds[count * 99 / 100]}};
}

nlohmann::json download(const Route& route, double seconds) {
  const auto tunnels = open_tunnels(route, kBulkTunnels);
  std::vector<char> buffer(kStepBytes);
  auto all = polled(tunnels, POLLIN);
  std::uint64_t bytes = 0;
  const auto start = Clock::now();
  for (const Tunnel& tunnel : tunnels)
    say(tunnel, kSendToMe);
  while (seconds_since(start) < seconds) {
    check(::poll(all.data(), all.size(), -1), "waiting for bytes");
    for (const pollfd& ready : all) {
      if (ready.revents == 0) continue;
      const ssize_t got = ::recv(ready.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      verify(got > 0, "the tunnel of a download stays open");
      bytes += static_cast<std::uint64_t>(got);
    }
  }
  return {{"bytes", bytes}, {"seconds", seconds_since(start)}};
}

nlohmann::json upload(const Route& route, double seconds) {
  const auto tunnels = open_tunnels(route, kBulkTunnels);
  std::vector<char> buffer(kStepBytes, 'x');
  std::vector<Progress> progress(tunnels.size());
  auto all = polled(tunnels, POLLIN);
  const auto start = Clock::now();
  for (const Tunnel& tunnel : tunnels)
    say(tunnel, kTakeFromMe);
  for (bool busy = true; busy;) {
    const bool time_is_up = seconds_since(start) >= seconds;
    busy = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool sending = wants_to_send(progress[i], time_is_up);
      all[i].events = static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN);
      busy = busy || sending || progress[i].taken < progress[i].sent;
    }
    if (!busy) break;
    check(::poll(all.data(), all.size(), -1), "waiting for room");
    for (std::size_t i = 0; i < all.size(); ++i)
      advance_upload(all[i], progress[i], buffer);
  }
  std::uint64_t bytes = 0;
  for (const Progress& one : progress)
    bytes += one.taken;
  return {{"bytes", bytes}, {"seconds", seconds_since(start)}};
}

nlohmann::json open_and_close(const Route& route, double seconds, std::size_t most) {
  std::size_t opened = 0;
  const auto start = Clock::now();
  open_tunnels(route, kOpenersAtOnce, [&](const Tunnel&) {
    ++opened;
    return opened < most && seconds_since(start) < seconds;
  });
  return {{"tunnels", opened}, {"seconds", seconds_since(start)}};
}

}  // namespace awf::bench
