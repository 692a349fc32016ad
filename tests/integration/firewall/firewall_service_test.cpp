// What must work inside: the resolver at every address, the interceptor behind mapped and listed
// ones, and the command's own servers.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "common/check.hpp"
#include "common/file.hpp"
#include "host_network.hpp"
#include "resolver_stub.hpp"
#include "sandbox.hpp"
#include "sender.hpp"

namespace awf::tests {
namespace {

using testing::IsEmpty;

constexpr int kPatience = 5000;  // milliseconds, for what must come

class FirewallService : public testing::TestWithParam<Mode> {
 protected:
  void TearDown() override { EXPECT_THAT(host_network().seen(), IsEmpty()); }

  Sandbox sandbox_{GetParam(), {"--intercept-range", "203.0.113.7"}};
};
INSTANTIATE_TEST_SUITE_P(, FirewallService, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

bool readable(int fd) {
  pollfd waited{fd, POLLIN, 0};
  return ::poll(&waited, 1, kPatience) == 1;
}

// The address that the accepted connection's client dialled.
std::string accepted_destination(int listener) {
  verify(readable(listener), "a connection arrived");
  const UniqueFd fd(check(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accepting"));
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  check(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &size), "getsockname");
  return text_of(own);
}

TEST_P(FirewallService, TcpToMappedAndListedAddressesReachesTheInterceptorOnAnyPort) {
  const auto& sockets = sandbox_.sockets();
  struct Case {
    const char* address;
    std::uint16_t port;
    int listener;
    const char* seen_as;
  };
  for (const auto& c : {Case{"198.18.0.9", 443, sockets.intercept4.get(), "198.18.0.9:443"},
                        Case{"198.19.255.255", 1, sockets.intercept4.get(), "198.19.255.255:1"},
                        Case{"198.18.0.9", 15001, sockets.intercept4.get(), "198.18.0.9:15001"},
                        Case{"203.0.113.7", 22, sockets.intercept4.get(), "203.0.113.7:22"},
                        Case{"2001:2::9", 8443, sockets.intercept6.get(), "[2001:2::9]:8443"}}) {
    const auto outcome =
        sandbox_.inside(Actor::kCommand, [&] { return connect_tcp(c.address, c.port); });
    EXPECT_EQ(outcome, "connected") << c.seen_as;
    EXPECT_EQ(accepted_destination(c.listener), c.seen_as);
  }
  EXPECT_THAT(sandbox_.log(), IsEmpty());
}

const auto kSayAnswer = [](const std::string&) { return std::string("answer"); };

class Asker {
 public:
  // Asks in a process of its own, so that the test can answer meanwhile.
  Asker(const Sandbox& sandbox, const std::string& address) : pipe_(make_pipe()) {
    pid_ = check(::fork(), "forking");
    if (pid_ != 0) return;
    const auto answer = sandbox.inside(Actor::kCommand, [&] { return ask_udp(address, 53); });
    (void)!::write(pipe_.write_end.get(), answer.data(), answer.size());
    ::_exit(0);
  }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;
  ~Asker() { (void)::waitpid(pid_, nullptr, 0); }

  std::string answer() {
    pipe_.write_end.reset();
    return read_output(pipe_.read_end.get());
  }

 private:
  Pipe pipe_;
  pid_t pid_ = -1;
};

TEST_P(FirewallService, DnsQueriesToAnyAddressReachTheResolverAndAreAnsweredFromThere) {
  const auto& sockets = sandbox_.sockets();
  for (const auto* address : {"127.0.0.1", "8.8.8.8", "198.18.0.1", "10.11.12.13"}) {
    Asker asker(sandbox_, address);
    EXPECT_EQ(answer_query(sockets.dns_udp4.get(), kSayAnswer), std::string(address) + ":0");
    EXPECT_EQ(asker.answer(), "answer") << address;
  }
  for (const auto* address : {"::1", "2001:4860:4860::8888", "2001:2::1"}) {
    Asker asker(sandbox_, address);
    EXPECT_EQ(answer_query(sockets.dns_udp6.get(), kSayAnswer), "[" + std::string(address) + "]:0");
    EXPECT_EQ(asker.answer(), "answer") << address;
  }
  EXPECT_THAT(sandbox_.log(), IsEmpty());
}

TEST_P(FirewallService, DnsOverTcpToAnyAddressReachesTheResolverEvenAtMappedOnes) {
  const auto& sockets = sandbox_.sockets();
  for (const auto* address : {"8.8.8.8", "198.18.0.9"}) {
    EXPECT_EQ(sandbox_.inside(Actor::kCommand, [&] { return connect_tcp(address, 53); }),
              "connected");
    EXPECT_EQ(accepted_destination(sockets.dns_tcp4.get()), std::string(address) + ":53");
  }
  EXPECT_EQ(sandbox_.inside(Actor::kCommand, [] { return connect_tcp("2620:fe::fe", 53); }),
            "connected");
  EXPECT_EQ(accepted_destination(sockets.dns_tcp6.get()), "[2620:fe::fe]:53");
}

TEST_P(FirewallService, TheProxyIsAtItsAddressAndOnlyThere) {
  const auto dial = [&](const char* address) {
    return sandbox_.inside(Actor::kCommand, [&] { return connect_tcp(address, net::kProxyPort); });
  };
  EXPECT_EQ(dial(net::kProxyAddress), "connected");
  EXPECT_EQ(accepted_destination(sandbox_.sockets().proxy.get()), "[::ffff:127.0.0.1]:3128");
  EXPECT_EQ(dial("::1"), "connected");
  EXPECT_EQ(accepted_destination(sandbox_.sockets().proxy.get()), "[::1]:3128");
  for (const auto* elsewhere : {"8.8.8.8", "2620:fe::fe", "192.0.0.8", "2001:2:0:ffff::1"}) {
    EXPECT_EQ(dial(elsewhere), "ECONNREFUSED") << elsewhere;
  }
}

// Listens on `address`:8080 and dials `target`:8080.
std::string serve_oneself(const std::string& address, const std::string& target) {
  const Name name = name_of(address, 8080);
  const UniqueFd server(check(::socket(name.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "a socket"));
  check(::bind(server.get(), name.get(), name.size), "binding");
  check(::listen(server.get(), 1), "listening");
  return connect_tcp(target, 8080);
}

TEST_P(FirewallService, TheCommandsOwnServersWorkOnLoopbackAndNotBeyond) {
  const auto serve = [&](const char* address, const char* target) {
    return sandbox_.inside(Actor::kCommand, [&] { return serve_oneself(address, target); });
  };
  EXPECT_EQ(serve("127.0.0.1", "127.0.0.1"), "connected");
  EXPECT_EQ(serve("0.0.0.0", "127.0.0.5"), "connected");
  EXPECT_EQ(serve("0.0.0.0", "0.0.0.0"), "connected");
  EXPECT_EQ(serve("::", "::1"), "connected");
  EXPECT_THAT(sandbox_.log(), IsEmpty());
  EXPECT_EQ(serve("0.0.0.0", "1.1.1.1"), "ECONNREFUSED");
  EXPECT_EQ(serve("1.1.1.1", "1.1.1.1"), "ECONNREFUSED");
}

TEST_P(FirewallService, TheCommandCannotTakeAPortOfOurs) {
  const auto take = [&](const char* address, std::uint16_t port, int type) {
    return sandbox_.inside(Actor::kCommand, [&] {
      const Name name = name_of(address, port);
      const UniqueFd fd(check(::socket(name.family(), type | SOCK_CLOEXEC, 0), "a socket"));
      const int on = 1;
      for (const int option : {SO_REUSEADDR, SO_REUSEPORT}) {
        check(::setsockopt(fd.get(), SOL_SOCKET, option, &on, sizeof on), "setsockopt");
      }
      return ::bind(fd.get(), name.get(), name.size) == 0 ? std::string("taken")
                                                          : error_name(errno);
    });
  };
  EXPECT_EQ(take("127.0.0.53", 53, SOCK_DGRAM), "EACCES");
  EXPECT_EQ(take("0.0.0.0", 53, SOCK_STREAM), "EACCES");
  EXPECT_EQ(take("127.0.0.1", net::kProxyPort, SOCK_STREAM), "EADDRINUSE");
  EXPECT_EQ(take("0.0.0.0", net::kProxyPort, SOCK_STREAM), "EADDRINUSE");
  EXPECT_EQ(take("198.18.0.9", net::kInterceptPort, SOCK_STREAM), "EADDRINUSE");
  EXPECT_EQ(take("::", net::kInterceptPort, SOCK_STREAM), "EADDRINUSE");
}

TEST_P(FirewallService, WithoutAnInterceptorMappedAddressesAreClosedPorts) {
  sandbox_.close_interceptor();
  EXPECT_EQ(sandbox_.inside(Actor::kCommand, [] { return connect_tcp("198.18.0.9", 443); }),
            "ECONNREFUSED");
}

}  // namespace
}  // namespace awf::tests
