// Why the rules look as they do.
//
// Every address is local here (a `local` route for 0.0.0.0/0 and ::/0 on lo), so that each packet
// passes the hooks output, prerouting and input in this order, and none can pass another device.
// `permitted` is asked twice, by output and by input: one list of what may happen, and whatever
// output lets loop for the sake of a proper ICMP answer is judged again before any socket sees it.
//
// Refusals. TCP is reset in output: connect(2) fails at once. A reject of UDP in output would make
// sendto(2) itself fail with EPERM, which no UDP program expects; in input the sender gets the ICMP
// error that a closed port gives, so that QUIC falls back to TCP. The log stands in output alone:
// there the packet has its socket, and with it the user (NFULA_UID), and nothing is logged twice.
//
// Interception is TPROXY and not NAT: accept(2) on the interceptor's socket yields a connection
// whose getsockname(2) is the original destination, without connection tracking.
#include "firewall/ruleset.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "net/sandbox_sockets.hpp"

namespace awf::firewall {
namespace {

using policy::IpAddress;
using policy::IpRange;

constexpr const char* kChains = R"(
  # The command's own servers. The interceptor's socket is reached through TPROXY alone.
  chain loopback {
    tcp dport INTERCEPT return
    accept
  }

  chain permitted {
    ip daddr 127.0.0.0/8 goto loopback
    ip6 daddr ::1 goto loopback
    # Answers of the kernel to refused packets; sending them by hand takes CAP_NET_RAW.
    tcp flags & rst == rst accept
    icmp type destination-unreachable accept
    icmpv6 type destination-unreachable accept
    # A socket may be bound to any address, since all are local; clients have no reason to.
    ip saddr != 127.0.0.0/8 return
    ip6 saddr != ::1 return
    # Source routes: the address in the header is not where the packet is meant to end.
    ip hdrlength != 5 return
    exthdr rt exists return
    udp dport DNS accept
    tcp dport DNS accept
    meta l4proto tcp ip daddr @intercept4 accept
    meta l4proto tcp ip6 daddr @intercept6 accept
  }

  chain output {
    type filter hook output priority 0; policy drop;
    oifname != "lo" drop
    jump permitted
    log group GROUP snaplen 128 queue-threshold 1
    meta l4proto tcp reject with tcp reset
    # Only as far as input, which refuses it with ICMP.
    accept
  }

  chain input {
    type filter hook input priority 0; policy drop;
    iifname != "lo" drop
    jump permitted
    meta l4proto tcp reject with tcp reset
    meta l4proto udp reject with icmpx type port-unreachable
    meta l4proto udplite reject with icmpx type port-unreachable
    reject with icmpx type admin-prohibited
  }

  chain forward {
    type filter hook forward priority 0; policy drop;
  }

  # Steers and refuses nothing: what is not steered is judged by input.
  chain prerouting {
    type filter hook prerouting priority -150; policy accept;
    ip daddr 127.0.0.0/8 accept
    ip6 daddr ::1 accept
    tcp dport DNS accept
    meta l4proto tcp ip daddr @intercept4 tproxy ip to :INTERCEPT accept
    meta l4proto tcp ip6 daddr @intercept6 tproxy ip6 to :INTERCEPT accept
  }
}
)";

std::string replaced(std::string text, std::string_view word, unsigned value) {
  const std::string number = std::to_string(value);
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    text.replace(at, word.size(), number);
  }
  return text;
}

std::string set_text(const char* name, const char* type, IpAddress::Family family,
                     const std::vector<IpRange>& ranges) {
  std::string elements;
  for (const auto& range : ranges) {
    if (range.base().family() != family) continue;
    if (!elements.empty()) elements += ", ";
    elements += range.text();
  }
  return std::string("  set ") + name + " {\n    type " + type +
         "; flags constant, interval;\n    elements = { " + elements + " }\n  }\n";
}

bool contains(const IpRange& outer, const IpRange& inner) {
  return outer.base().family() == inner.base().family() &&
         outer.prefix_length() <= inner.prefix_length() && outer.contains(inner.base());
}

}  // namespace

std::vector<IpRange> intercepted_ranges(const std::vector<IpRange>& listed) {
  std::vector<IpRange> all = listed;
  for (const char* mapped : {net::kMappedRange4, net::kMappedRange6}) {
    all.push_back(IpRange::parse(mapped).or_refuse());
  }
  // The wider first, so that one pass finds every range that an earlier one contains.
  std::sort(all.begin(), all.end(), [](const IpRange& a, const IpRange& b) {
    if (a.base() != b.base()) return a.base() < b.base();
    return a.prefix_length() < b.prefix_length();
  });
  std::vector<IpRange> kept;
  for (const auto& range : all) {
    // CIDR blocks nest or are apart, so that only the last one kept can contain the next.
    if (kept.empty() || !contains(kept.back(), range)) kept.push_back(range);
  }
  return kept;
}

std::string build_ruleset(const std::vector<IpRange>& listed) {
  const auto ranges = intercepted_ranges(listed);
  std::string chains = replaced(kChains, "INTERCEPT", net::kInterceptPort);
  chains = replaced(std::move(chains), "GROUP", net::kAuditLogGroup);
  chains = replaced(std::move(chains), "DNS", net::kDnsPort);
  return "table inet awf {\n" +
         set_text("intercept4", "ipv4_addr", IpAddress::Family::kV4, ranges) +
         set_text("intercept6", "ipv6_addr", IpAddress::Family::kV6, ranges) + chains;
}

}  // namespace awf::firewall
