// Attack: a program that has every capability over the sandbox's namespaces, or makes its own,
// removes rules and routes, adds interfaces, and writes packets by hand.
// Layer that must stop it: none of the rules, but that the namespace has no wire.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <memory>

#include "common/check.hpp"
#include "host_network.hpp"
#include "sandbox.hpp"
#include "sender.hpp"

namespace awf::tests {
namespace {

using testing::AnyOf;
using testing::IsEmpty;
using testing::Not;

class FirewallEscape : public testing::TestWithParam<Mode> {
 protected:
  void TearDown() override { EXPECT_THAT(host_network().seen(), IsEmpty()); }

  Sandbox sandbox_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(, FirewallEscape, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

// Exit status of a shell command.
int shell(const std::string& script) {
  SpawnPlan plan;
  plan.program = "/bin/sh";
  plan.argv = {"sh", "-c", script};
  plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  plan.fds = {};
  const int status = Child::spawn(plan).wait();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run_nft(const char* commands) {
  const std::unique_ptr<nft_ctx, decltype(&::nft_ctx_free)> context(::nft_ctx_new(NFT_CTX_DEFAULT),
                                                                    &::nft_ctx_free);
  verify(::nft_run_cmd_from_buffer(context.get(), commands) == 0, "nftables did what it was told");
}

// Everything that a program without rules can try: TCP, UDP, a hand-written IP packet.
std::string try_everything() {
  std::string outcomes = connect_tcp("1.1.1.1", 443) + " " + connect_tcp("2606:4700::1", 443);
  (void)send_udp("1.1.1.1", 443);
  (void)send_udp("2606:4700::1", 443);
  const UniqueFd raw(check(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), "raw socket"));
  std::array<unsigned char, 28> packet = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, IPPROTO_SCTP};
  packet[12] = 10;  // a forged source
  packet[15] = 1;
  for (const std::size_t i : {16U, 17U, 18U, 19U})
    packet[i] = 1;
  const Name to = name_of("1.1.1.1", 0);
  (void)::sendto(raw.get(), packet.data(), packet.size(), 0, to.get(), to.size);
  return outcomes;
}

TEST_P(FirewallEscape, NET_08_the_command_gets_no_raw_and_no_packet_socket) {
  const auto outcome = sandbox_.inside(Actor::kCommand, [] {
    std::string errors;
    struct Kind {
      int family;
      int type;
      int protocol;
    };
    for (const auto& [family, type, protocol] :
         {Kind{AF_INET, SOCK_RAW, IPPROTO_RAW}, Kind{AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
          Kind{AF_PACKET, SOCK_RAW, ETH_P_ALL}, Kind{AF_XDP, SOCK_RAW, 0}}) {
      const UniqueFd fd(::socket(family, type | SOCK_CLOEXEC, protocol));
      errors += (fd ? "open" : error_name(errno)) + " ";
    }
    return errors;
  });
  EXPECT_THAT(outcome, Not(testing::HasSubstr("open")));
}

TEST_P(FirewallEscape, NET_08_raw_packets_and_pings_to_the_world_are_reported_and_unanswered) {
  const auto outcome = sandbox_.inside(Actor::kNamespaceRoot, [] {
    const UniqueFd fd(
        check(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP), "raw"));
    const std::array<unsigned char, 8> echo = {8, 0, 0xf7, 0xff, 0, 0, 0, 0};
    for (const auto* address : {"8.8.8.8", "127.0.0.1"}) {
      const Name to = name_of(address, 0);
      check(::sendto(fd.get(), echo.data(), echo.size(), 0, to.get(), to.size), "pinging");
    }
    std::string types;
    std::array<unsigned char, 256> answer{};
    // Loopback delivers before sendto returns.
    while (::recv(fd.get(), answer.data(), answer.size(), 0) > 20) {
      types += std::to_string(answer[20]) + "<" + std::to_string(answer[12]) + " ";
    }
    return types;
  });
  // Type 3 (unreachable) for the one; for 127.0.0.1 its echo (8), which a raw socket sees as well,
  // and the reply (0). No reply claims to come from 8.8.8.8.
  EXPECT_EQ(outcome, "3<8 8<127 0<127 ");
  EXPECT_THAT(sandbox_.log(), testing::ElementsAre(testing::StartsWith("1 8.8.8.8")));
}

TEST_P(FirewallEscape, NET_08_a_frame_written_to_lo_reaches_the_interceptor_at_most) {
  const auto outcome = sandbox_.inside(Actor::kNamespaceRoot, [] {
    const UniqueFd fd(check(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "packet socket"));
    std::array<unsigned char, 28> packet = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, IPPROTO_UDP};
    for (const std::size_t i : {12U, 13U, 14U, 15U, 16U, 17U, 18U, 19U})
      packet[i] = 1;
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_IP);
    place.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
    const auto* name = reinterpret_cast<const sockaddr*>(&place);
    check(::sendto(fd.get(), packet.data(), packet.size(), 0, name, sizeof place), "injecting");
    return std::string("injected");
  });
  EXPECT_EQ(outcome, "injected");
}

TEST_P(FirewallEscape, NET_22_the_command_can_add_neither_interface_nor_route) {
  const auto outcome = sandbox_.inside(Actor::kCommand, [] {
    return std::to_string(shell("ip link add x type veth peer name y 2>/dev/null")) + " " +
           std::to_string(shell("ip route add 1.1.1.1 dev lo 2>/dev/null"));
  });
  EXPECT_EQ(outcome, "2 2");
}

TEST_P(FirewallEscape, NET_22_an_interface_that_namespace_root_adds_has_no_wire) {
  const auto outcome = sandbox_.inside(Actor::kNamespaceRoot, [] {
    verify(shell("ip link add eth0 type veth peer name y && ip link set eth0 up && ip link set y up"
                 " && ip addr add 10.0.0.2/24 dev eth0 && ip route add default via 10.0.0.1") == 0,
           "the interface was added");
    // The table of local routes is asked first, so that the default route changes nothing; with a
    // socket bound to the interface the rules drop the packet.
    const UniqueFd fd(check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a socket"));
    check(::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5), "binding to eth0");
    const Name to = name_of("1.1.1.1", 443);
    const auto sent = ::sendto(fd.get(), "x", 1, 0, to.get(), to.size);
    const std::string bound = sent < 0 ? error_name(errno) : "sent";
    return bound + " " + try_everything();
  });
  EXPECT_EQ(outcome, "EPERM ECONNREFUSED ECONNREFUSED");
}

TEST_P(FirewallEscape, NET_23_a_user_and_network_namespace_of_ones_own_leads_nowhere) {
  const auto outcome = sandbox_.inside(Actor::kCommand, [] {
    check(::unshare(CLONE_NEWUSER | CLONE_NEWNET), "making namespaces");
    run_nft("flush ruleset");
    return connect_tcp("1.1.1.1", 443);
  });
  EXPECT_EQ(outcome, "ENETUNREACH");
  const auto beside = sandbox_.inside(Actor::kCommand, [] {
    check(::unshare(CLONE_NEWUSER), "making a user namespace");
    return std::to_string(shell("ip link set lo down 2>/dev/null"));
  });
  EXPECT_EQ(beside, "2") << "capabilities of a user namespace do not reach this network";
}

TEST_P(FirewallEscape, NET_38_namespace_root_that_flushes_every_rule_has_no_way_out) {
  const auto outcome = sandbox_.inside(Actor::kNamespaceRoot, [] {
    run_nft("flush ruleset");
    return try_everything();
  });
  // The sandbox itself answers: every address is local and nobody listens.
  EXPECT_EQ(outcome, "ECONNREFUSED ECONNREFUSED");
  const auto unrouted = sandbox_.inside(Actor::kNamespaceRoot, [] {
    verify(shell("ip route flush table local; ip -6 route flush table local; ip link set lo up;"
                 "ip route add default dev lo; ip -6 route add default dev lo; true") == 0,
           "the routes were changed");
    return try_everything();
  });
  EXPECT_THAT(unrouted, Not(testing::HasSubstr("connected")));
}

TEST_P(FirewallEscape, NET_38_the_hosts_network_is_not_to_be_entered) {
  const auto outcome = sandbox_.inside(Actor::kCommand, [] {
    const auto path = "/proc/" + std::to_string(::getppid()) + "/ns/net";
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return error_name(errno);
    return ::setns(fd.get(), CLONE_NEWNET) == 0 ? std::string("entered") : error_name(errno);
  });
  EXPECT_THAT(outcome, AnyOf("EACCES", "EPERM"));
}

// Waits for the network namespace of `firewall` to differ from ours, enters it, and sends to the
// world until it is killed: faster than any rule could be written.
[[noreturn]] void send_from_the_first_moment(pid_t firewall) {
  const auto own = std::filesystem::read_symlink("/proc/self/ns/net");
  const std::string path = "/proc/" + std::to_string(firewall) + "/ns/net";
  std::error_code gone;
  while (std::filesystem::read_symlink(path, gone) == own) {
  }
  const UniqueFd fd(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "opening a namespace"));
  check(::setns(fd.get(), CLONE_NEWNET), "entering a namespace");
  const UniqueFd socket4(check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a socket"));
  const UniqueFd socket6(check(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a socket"));
  const Name to4 = name_of("1.1.1.1", 443);
  const Name to6 = name_of("2606:4700::1", 443);
  for (;;) {
    (void)::sendto(socket4.get(), "x", 1, 0, to4.get(), to4.size);
    (void)::sendto(socket6.get(), "x", 1, 0, to6.get(), to6.size);
  }
}

TEST(FirewallStart, S2_E2_a_sender_that_starts_before_the_rules_reaches_nothing) {
  (void)host_network();
  const Firewall firewall = start_firewall(Mode::kRoot, {}, {"true"});
  const pid_t sender = check(::fork(), "forking");
  if (sender == 0) {
    try {
      send_from_the_first_moment(firewall.process.pid());
    } catch (const std::exception&) {
      ::_exit(1);
    }
  }
  auto message = firewall.control.receive(std::chrono::seconds(20));
  ASSERT_TRUE(message) << read_output(firewall.output.get());
  const auto sockets = net::SandboxSockets::from(std::move(message->fds));
  // The sender is inside and running: its packets are reported from now on.
  pollfd waited{sockets.packet_log.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&waited, 1, 20000), 1);
  check(::kill(sender, SIGKILL), "ending the sender");
  (void)::waitpid(sender, nullptr, 0);
  EXPECT_THAT(host_network().seen(), IsEmpty());
}

}  // namespace
}  // namespace awf::tests
