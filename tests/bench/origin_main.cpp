// bench-origin: the server of the measurements (conversation.hpp), one thread, one epoll.
//
// usage: bench-origin PORT     listens on every address of both families; "ready" on stdout.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include "common/check.hpp"
#include "common/file.hpp"
#include "common/run_main.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "conversation.hpp"

namespace awf::bench {
namespace {

constexpr std::size_t kRecordHeader = 5;

struct Connection {
  UniqueFd fd;
  std::string hello;
  std::size_t hello_size = 0;  // known when the record's header is there
  char command = 0;
  std::size_t taken = 0;
};

class Origin {
 public:
  explicit Origin(std::uint16_t port);
  [[noreturn]] void serve();

 private:
  void watch(int fd, std::uint32_t events, int operation);
  void accept_waiting();
  // False when the connection is over.
  bool on_ready(Connection& connection);
  bool take_hello(Connection& connection);
  bool take_command(Connection& connection, char command);

  UniqueFd listener_;
  UniqueFd epoll_;
  std::unordered_map<int, Connection> connections_;
  std::vector<char> buffer_ = std::vector<char>(kStepBytes, 'x');
};

Origin::Origin(std::uint16_t port)
    : listener_(check(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                      "opening a socket")),
      epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "making an epoll")) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  check(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "binding the origin's port");
  check(::listen(listener_.get(), 4096), "listening");
  watch(listener_.get(), EPOLLIN, EPOLL_CTL_ADD);
}

void Origin::watch(int fd, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  check(::epoll_ctl(epoll_.get(), operation, fd, &event), "watching a socket");
}

void Origin::accept_waiting() {
  for (;;) {
    UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) return;
    const int on = 1;
    (void)::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(client.get(), EPOLLIN, EPOLL_CTL_ADD);
    const int fd = client.get();
    connections_[fd] = Connection{std::move(client), {}, 0, 0, 0};
  }
}

bool Origin::take_hello(Connection& connection) {
  std::array<char, 2048> bytes;
  const ssize_t got = ::recv(connection.fd.get(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  connection.hello.append(bytes.data(), static_cast<std::size_t>(got));
  const std::string& hello = connection.hello;
  if (hello.size() < kRecordHeader) return true;
  const auto byte = [&hello](std::size_t at) {
    return std::size_t{static_cast<unsigned char>(hello[at])};
  };
  connection.hello_size = kRecordHeader + 256 * byte(3) + byte(4);
  if (hello.size() < connection.hello_size) return true;
  return ::send(connection.fd.get(), &kHelloAnswered, 1, MSG_NOSIGNAL) == 1;
}

bool Origin::take_command(Connection& connection, char command) {
  connection.command = command;
  if (command == kSendToMe) watch(connection.fd.get(), EPOLLOUT, EPOLL_CTL_MOD);
  return command == kSendToMe || command == kTakeFromMe || command == kEcho;
}

bool Origin::on_ready(Connection& connection) {
  const int fd = connection.fd.get();
  const bool greeted =
      connection.hello_size != 0 && connection.hello.size() >= connection.hello_size;
  if (!greeted) return take_hello(connection);
  if (connection.command == kSendToMe) {
    return ::send(fd, buffer_.data(), buffer_.size(), MSG_NOSIGNAL) > 0 || errno == EAGAIN;
  }
  // One byte at first: what comes behind the command belongs to it.
  const std::size_t most = connection.command == 0 ? 1 : buffer_.size();
  const ssize_t got = ::recv(fd, buffer_.data(), most, 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  if (connection.command == 0) return take_command(connection, buffer_[0]);
  if (connection.command == kEcho) {
    return ::send(fd, buffer_.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }
  connection.taken += static_cast<std::size_t>(got);
  if (connection.taken < kBlockBytes) return true;
  connection.taken -= kBlockBytes;
  return ::send(fd, &kBlockTaken, 1, MSG_NOSIGNAL) == 1;
}

void Origin::serve() {
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int ready = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    check(ready, "waiting for connections");
    for (std::size_t i = 0; i < static_cast<std::size_t>(ready); ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener_.get()) {
        accept_waiting();
      } else if (const auto found = connections_.find(fd);
                 found != connections_.end() && !on_ready(found->second)) {
        connections_.erase(found);
      }
    }
  }
}

int run(int argc, char** argv) {
  const auto port = argc == 2 ? parse_number<std::uint16_t>(argv[1]) : std::nullopt;
  if (!port) throw Refusal("usage: bench-origin PORT");
  rlimit limit{};
  check(::getrlimit(RLIMIT_NOFILE, &limit), "reading the descriptor limit");
  limit.rlim_cur = limit.rlim_max;
  check(::setrlimit(RLIMIT_NOFILE, &limit), "raising the descriptor limit");
  Origin origin(*port);
  write_all(1, "ready\n", "standard output");
  origin.serve();
}

}  // namespace
}  // namespace awf::bench

int main(int argc, char** argv) {
  return awf::run_main("bench-origin", [&] { return awf::bench::run(argc, argv); });
}
