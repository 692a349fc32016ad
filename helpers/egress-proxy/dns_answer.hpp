// The resolver that the sandbox sees: answers from the policy alone. Nothing is ever forwarded, so
// there is no path on which a looked-up name could leave. Pure but for the pool of addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "egress-proxy/dns_wire.hpp"
#include "egress-proxy/mapped_addresses.hpp"
#include "policy/egress_policy.hpp"

namespace awf::egress {

// What the audit shall know of a lookup that was denied.
struct DnsDenial {
  std::string name;
  std::string type;
  std::string rule;
  std::string reason;
};

struct DnsOutcome {
  std::vector<std::uint8_t> reply;  // empty: no answer at all
  std::optional<DnsDenial> denial;
};

class DnsAnswerer {
 public:
  // Borrows both for its life.
  DnsAnswerer(const policy::EgressPolicy& policy, MappedAddresses& addresses)
      : policy_(policy), addresses_(addresses) {}

  // Allowed name: A and AAAA give its mapped address, every other type NODATA (no SVCB or HTTPS
  // record, hence no ECH key and no alternative endpoint). Denied name: NXDOMAIN with extended
  // error 15. PTR: the name of a mapped address. localhost: loopback. Other classes: REFUSED.
  // Spent pool: SERVFAIL.
  DnsOutcome answer(std::span<const std::uint8_t> query);

 private:
  DnsOutcome answer_question(const DnsQuery& query);
  DnsOutcome answer_pointer(const DnsQuery& query, const policy::IpAddress& address);
  DnsOutcome answer_address(const DnsQuery& query, const policy::HostName& name);

  const policy::EgressPolicy& policy_;
  MappedAddresses& addresses_;
};

// The address that a name below in-addr.arpa or ip6.arpa stands for; nothing for other names.
std::optional<policy::IpAddress> address_of_arpa_name(std::string_view lower_case_name);

}  // namespace awf::egress
