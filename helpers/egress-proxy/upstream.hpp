// The way out: from a target that was decided to a connected socket. The address that was vetted is
// the address that is dialled, since nothing but the vetted list goes to the dialler.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "egress-proxy/target.hpp"
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
           net::AddressVetting vetting);

  struct Found {
    std::vector<policy::IpAddress> addresses;  // vetted; empty exactly when there is a failure
    std::optional<UpstreamFailure> failure;
  };
  // Call for an allowed target only: it asks the DNS. A literal is vetted alone, and the callback
  // then runs at once. The host's loopback, where the policy opens it, is not vetted.
  void find(const Target& target, std::function<void(Found)> callback);

  struct Connected {
    net::DialResult result;
    std::optional<UpstreamFailure> failure;
  };
  // `vetted` as given by find().
  void dial(const Target& target, const std::vector<policy::IpAddress>& vetted,
            std::function<void(Connected)> callback);

 private:
  [[nodiscard]] bool means_host(const Target& target) const;
  Found vetted_answer(const policy::HostName& name, const net::ResolveAnswer& answer);
  // Without the addresses that the block list holds for this port.
  [[nodiscard]] Found unblocked(Found found, const Target& target) const;
  void dial_one_by_one(const Target& target, std::vector<policy::IpAddress> addresses,
                       std::function<void(Connected)> callback);
  std::function<void(net::DialResult)> told_to(const Target& target,
                                               std::function<void(Connected)> callback) const;
  void refresh_own_addresses();

  const policy::EgressPolicy& policy_;
  Resolve resolve_;
  Dial dial_;
  net::AddressVetting vetting_;
  std::chrono::steady_clock::time_point own_addresses_read_;
};

}  // namespace awf::egress
