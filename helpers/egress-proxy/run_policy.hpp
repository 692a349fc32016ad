// What the supervisor tells the proxy about its run: one JSON object on a descriptor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "egress-proxy/upstream_proxy.hpp"
#include "net/resolver.hpp"
#include "policy/egress_policy.hpp"
#include "policy/upload_limit.hpp"

namespace awf::egress {

struct RunPolicy {
  policy::EgressPolicy egress;
  std::vector<net::DnsServer> dns_servers;
  std::vector<policy::IpRange> allow_private;
  std::optional<std::string> doh_url;  // as parse_doh_url accepts it
  std::optional<UpstreamProxy> upstream_proxy;
  std::string log_level;  // a level of spdlog
  std::vector<policy::UploadLimit> max_tx;
  std::optional<std::uint64_t> max_tx_total;
  std::uint16_t min_tls_version = 0;  // 0x0303 is TLS 1.2; 0: any
};

// {"allow":[{"text":"github.com","origin":"--allow-domains"}],"block":[],"dnsServers":["192.0.2.1"],
//  "allowPrivate":["10.0.0.0/8"],"hostPorts":[{"ports":"3000-3010","option":"--allow-host-ports"}],
//  "dnsOverHttps":"https://dns.example/dns-query","upstreamProxy":
//  {"url":"http://proxy.example:3128","noProxy":["corp.example"]},"logLevel":"info",
//  "maxTx":["github.com=10M"],"maxTxTotal":1000,"minTls":"1.2"}. "hostPorts", even empty, switches
// host access on. "allow" and "block" must be there, so that an object that was cut or mistaken
// never means "nothing is blocked"; an unknown key is refused, since it may be a restriction that
// we would ignore.
Result<RunPolicy> parse_run_policy(std::string_view json);

inline constexpr std::size_t kMaxRunPolicyBytes = std::size_t{64} * 1024 * 1024;

}  // namespace awf::egress
