// What the packet rules refused: UDP, ICMP and TCP to places that no door serves, as NFLOG reports.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/unique_fd.hpp"
#include "egress-proxy/audit_throttle.hpp"
#include "egress-proxy/mapped_addresses.hpp"
#include "egress-proxy/packet_summary.hpp"
#include "net/asio.hpp"

namespace awf::egress {

// The record of a refused packet; names the name behind a mapped address. Pure.
AuditRecord record_of(const PacketSummary& packet, const MappedAddresses& mapped);

class PacketLog {
 public:
  // `netlink` is a NETLINK_NETFILTER socket of the sandbox's network namespace, bound to its NFLOG
  // group by who opened it (sandbox_sockets.hpp): reading it needs no capability.
  PacketLog(net::asio::io_context& context, UniqueFd netlink, const MappedAddresses& mapped,
            AuditThrottle& audit);

  void start();
  // Records everything that the kernel has queued by now.
  void drain();

 private:
  bool read_some();
  void record_packets(std::span<const char> messages);

  net::asio::posix::stream_descriptor netlink_;
  const MappedAddresses& mapped_;
  AuditThrottle& audit_;
  std::vector<char> buffer_;
};

}  // namespace awf::egress
