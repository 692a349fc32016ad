// The way out: from a target that was decided to a connected socket. The address that was vetted is
// the address that is dialled, since nothing but the vetted list goes to the dialler.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "egress-proxy/name_ledger.hpp"
#include "egress-proxy/target.hpp"
#include "egress-proxy/upstream_proxy.hpp"
#include "net/address_vetting.hpp"
#include "net/dialer.hpp"
#include "net/resolver.hpp"

namespace awf::egress {

struct UpstreamFailure {
  unsigned status = 502;  // of HTTP
  std::string code;       // "dns-failure", "address-refused", "connect-failure", …
  std::string reason;     // one line, of our own words and the canonical name
};

class Upstream {
 public:
  using Resolve = std::function<void(const policy::HostName&, net::Resolver::Callback)>;
  using Dial = std::function<void(const std::vector<policy::IpAddress>&, std::uint16_t,
                                  net::Dialer::Callback)>;

  // Both functions must not call back before they return. Borrows the policy: its block list is
  // asked about the addresses of allowed names, and it knows which target is the host.
  Upstream(const policy::EgressPolicy& policy, Resolve resolve, Dial dial,
           net::AddressVetting vetting, std::optional<UpstreamProxy> proxy = std::nullopt);

  struct Found {
    // To be dialled: the target's, vetted, or the upstream proxy's. Empty exactly when there is a
    // failure.
    std::vector<policy::IpAddress> addresses;
    std::optional<UpstreamFailure> failure;
  };
  // Call for an allowed target only: it asks the DNS, for the upstream proxy's name where that
  // serves the target. A literal is vetted alone, and the callback then may run at once. The host's
  // loopback, where the policy opens it, is not vetted, and the block list is asked about every
  // address that we find ourselves.
  void find(const Target& target, std::function<void(Found)> callback);

  // How the connection will be used: as a tunnel to the target, or for one plain HTTP request.
  enum class Use : std::uint8_t { kTunnel, kRequest };

  // For plain HTTP: the request head as the next hop wants it. An upstream proxy that gets it in
  // absolute form needs no CONNECT, which many permit to port 443 alone.
  [[nodiscard]] std::string request_for(const Target& target, const std::string& head) const;

  struct Connected {
    net::DialResult result;
    std::optional<UpstreamFailure> failure;
  };
  // `vetted` as given by find(). The socket of the result leads to the target: where the upstream
  // proxy serves it, the proxy has opened the tunnel, or (kRequest) awaits the request.
  void dial(const Target& target, const std::vector<policy::IpAddress>& vetted, Use use,
            std::function<void(Connected)> callback);

 private:
  [[nodiscard]] bool means_host(const Target& target) const;
  [[nodiscard]] bool is_proxied(const Target& target) const;
  std::optional<UpstreamFailure> refusal_of_name(const policy::HostName& name, bool proxied);
  void find_proxy(std::function<void(Found)> callback);
  void open_tunnel(const Target& target, net::DialResult result,
                   std::function<void(Connected)> callback) const;
  Found vetted_answer(const policy::HostName& name, const net::ResolveAnswer& answer);
  // Without the addresses that the block list holds for this port.
  [[nodiscard]] Found unblocked(Found found, const Target& target) const;
  void dial_one_by_one(const Target& target, std::vector<policy::IpAddress> addresses,
                       std::function<void(Connected)> callback);
  std::function<void(net::DialResult)> told_to(const std::string& text,
                                               std::function<void(Connected)> callback) const;
  void refresh_own_addresses();

  const policy::EgressPolicy& policy_;
  Resolve resolve_;
  Dial dial_;
  net::AddressVetting vetting_;
  std::optional<UpstreamProxy> proxy_;
  NameLedger ledger_;
  std::chrono::steady_clock::time_point own_addresses_read_;
};

}  // namespace awf::egress
