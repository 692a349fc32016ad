// Attack: a program dials or sends to addresses instead of names, over every ordinary protocol.
// Layer that must stop it: the packet rules. Each attempt is refused at once, reported once, and
// nothing of it is on the host's wire.
#include <gmock/gmock.h>
#include <netinet/in.h>

#include <array>

#include "common/check.hpp"
#include "host_network.hpp"
#include "sandbox.hpp"
#include "sender.hpp"

namespace awf::tests {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

bool none_accepted(const UniqueFd& listener) {
  return ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC) < 0;
}

class FirewallContained : public testing::TestWithParam<Mode> {
 protected:
  void TearDown() override { EXPECT_THAT(host_network().seen(), IsEmpty()); }

  std::string tcp(const std::string& address, std::uint16_t port, const std::string& source = "") {
    return sandbox_.inside(Actor::kCommand, [&] { return connect_tcp(address, port, source); });
  }
  std::string udp(const std::string& address, std::uint16_t port, const std::string& source = "") {
    return sandbox_.inside(Actor::kCommand, [&] { return send_udp(address, port, source); });
  }

  Sandbox sandbox_{GetParam(), {"--intercept-range", "203.0.113.128/25"}};
};
INSTANTIATE_TEST_SUITE_P(, FirewallContained, testing::Values(Mode::kRoot, Mode::kRootless),
                         testing::PrintToStringParamName());

TEST_P(FirewallContained, NET_01_tcp_to_an_ipv4_literal_is_refused_at_once_and_reported_once) {
  for (const auto* address : {"1.1.1.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "192.0.2.2",
                              "203.0.113.127", "198.20.0.0", "240.0.0.1"}) {
    for (const auto port : std::array<std::uint16_t, 3>{443, 22, 15001}) {
      EXPECT_EQ(tcp(address, port), "ECONNREFUSED") << address << " " << port;
      EXPECT_THAT(sandbox_.log(), ElementsAre("tcp " + std::string(address) + ":" +
                                              std::to_string(port) + " uid 33"));
    }
  }
}

TEST_P(FirewallContained, NET_02_tcp_to_an_ipv6_literal_is_refused_at_once_and_reported_once) {
  for (const auto* address :
       {"2606:4700:4700::1111", "fd00::1", "64:ff9b::101:101", "2001:2:0:1::1", "2001:db8:1::2"}) {
    EXPECT_EQ(tcp(address, 443), "ECONNREFUSED") << address;
    EXPECT_THAT(sandbox_.log(), ElementsAre("tcp [" + std::string(address) + "]:443 uid 33"));
  }
}

TEST_P(FirewallContained, NET_02_a_link_local_address_with_a_zone_leads_nowhere) {
  EXPECT_THAT(tcp("fe80::1%lo", 443), AnyOf("ECONNREFUSED", "EINVAL"));
}

TEST_P(FirewallContained, NET_02_an_ipv4_mapped_address_is_the_ipv4_address) {
  EXPECT_EQ(tcp("::ffff:1.1.1.1", 443), "ECONNREFUSED");
  EXPECT_THAT(sandbox_.log(), ElementsAre("tcp 1.1.1.1:443 uid 33"));
}

// Sends one datagram to `to` with each of the calls that can.
std::string send_every_way(const Name& to) {
  const UniqueFd fd(check(::socket(to.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0), "a socket"));
  iovec data{const_cast<char*>("x"), 1};
  mmsghdr message{};
  message.msg_hdr.msg_name = const_cast<sockaddr*>(to.get());
  message.msg_hdr.msg_namelen = to.size;
  message.msg_hdr.msg_iov = &data;
  message.msg_hdr.msg_iovlen = 1;
  check(::sendto(fd.get(), "x", 1, 0, to.get(), to.size), "sendto");
  check(::sendmsg(fd.get(), &message.msg_hdr, 0), "sendmsg");
  std::array<mmsghdr, 2> messages{message, message};
  check(::sendmmsg(fd.get(), messages.data(), messages.size(), 0), "sendmmsg");
  check(::connect(fd.get(), to.get(), to.size), "connect");
  check(::send(fd.get(), "x", 1, 0), "send");
  return "sent";
}

TEST_P(FirewallContained, NET_05_udp_is_reported_whatever_call_sent_it) {
  for (const auto* address : {"8.8.8.8", "2001:4860:4860::8888"}) {
    const Name to = name_of(address, 9999);
    EXPECT_EQ(sandbox_.inside(Actor::kCommand, [&] { return send_every_way(to); }), "sent");
    EXPECT_THAT(sandbox_.log(),
                testing::AllOf(testing::SizeIs(5),
                               testing::Each("udp " + text_of(to.storage) + " uid 33")));
  }
}

TEST_P(FirewallContained, NET_06_quic_fails_like_a_closed_port_to_denied_mapped_and_listed_hosts) {
  for (const auto* address :
       {"8.8.8.8", "198.18.0.9", "203.0.113.200", "2606:4700::1", "2001:2::9"}) {
    const auto outcome = sandbox_.inside(Actor::kCommand, [&] { return ask_udp(address, 443); });
    EXPECT_EQ(outcome, "ECONNREFUSED") << address;
    EXPECT_THAT(sandbox_.log(), testing::SizeIs(1));
  }
}

TEST_P(FirewallContained, MulticastAndBroadcastAreReportedAndGoNowhere) {
  for (const auto* address : {"224.0.0.251", "255.255.255.255", "ff02::fb%lo"}) {
    (void)udp(address, 5353);
    EXPECT_THAT(sandbox_.log(), testing::SizeIs(1)) << address;
  }
}

TEST_P(FirewallContained, ASourceAddressThatIsNotLoopbackOpensNoDoor) {
  EXPECT_EQ(tcp("198.18.0.9", 443, "10.9.9.9"), "ECONNREFUSED");
  EXPECT_THAT(sandbox_.log(), ElementsAre("tcp 198.18.0.9:443 uid 33"));
  EXPECT_EQ(udp("8.8.8.8", 53, "10.9.9.9"), "sent");
  EXPECT_THAT(sandbox_.log(), ElementsAre("udp 8.8.8.8:53 uid 33"));
  std::array<char, 16> query{};
  EXPECT_LT(::recv(sandbox_.sockets().dns_udp4.get(), query.data(), query.size(), 0), 0);
  EXPECT_TRUE(none_accepted(sandbox_.sockets().intercept4));
}

TEST_P(FirewallContained, SourceRoutesOpenNoDoor) {
  const auto outcome = sandbox_.inside(Actor::kNamespaceRoot, [] {
    const UniqueFd fd(
        check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "a socket"));
    // Loose source route (RFC 791) with one address: to 1.1.1.1 through 198.18.0.9.
    const std::array<unsigned char, 8> route = {1, 131, 7, 4, 198, 18, 0, 9};
    check(::setsockopt(fd.get(), IPPROTO_IP, IP_OPTIONS, route.data(), route.size()), "IP_OPTIONS");
    const Name to = name_of("1.1.1.1", 443);
    (void)::connect(fd.get(), to.get(), to.size);
    return std::string("tried");
  });
  EXPECT_EQ(outcome, "tried");
  EXPECT_THAT(sandbox_.log(), ElementsAre(testing::StartsWith("tcp 198.18.0.9:443")));
  EXPECT_TRUE(none_accepted(sandbox_.sockets().intercept4));
}

TEST_P(FirewallContained, TheInterceptorIsNotToBeDialledDirectly) {
  EXPECT_EQ(tcp("127.0.0.1", net::kInterceptPort), "ECONNREFUSED");
  EXPECT_EQ(tcp("127.9.9.9", net::kInterceptPort), "ECONNREFUSED");
  EXPECT_EQ(tcp("::1", net::kInterceptPort), "ECONNREFUSED");
  EXPECT_TRUE(none_accepted(sandbox_.sockets().intercept4));
  EXPECT_TRUE(none_accepted(sandbox_.sockets().intercept6));
}

}  // namespace
}  // namespace awf::tests
