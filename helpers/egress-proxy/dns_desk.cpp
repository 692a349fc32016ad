#include "egress-proxy/dns_desk.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "net/endpoint.hpp"

namespace awf::egress {

bool DnsDesk::is_spent() {
  if (!limit_.is_spent(std::chrono::steady_clock::now())) return false;
  if (!std::exchange(flood_told_, true)) {
    spdlog::warn("more than {} DNS queries a second; those beyond wait",
                 net::kMaxDnsQueriesPerSecond);
  }
  return true;
}

std::vector<std::uint8_t> DnsDesk::answer(std::span<const std::uint8_t> query,
                                          const std::optional<ClientFlow>& client) {
  (void)limit_.take(std::chrono::steady_clock::now());  // the doors have asked is_spent()
  DnsOutcome outcome = answerer_.answer(query);
  if (outcome.denial) {
    AuditRecord record;
    record.time = std::chrono::system_clock::now();
    record.door = policy::Door::kDns;
    record.protocol = AuditProtocol::kDns;
    record.name = std::move(outcome.denial->name);
    record.port = 53;
    record.method = std::move(outcome.denial->type);
    record.rule = std::move(outcome.denial->rule);
    record.reason = std::move(outcome.denial->reason);
    if (client) record.client = net::text_of(client->source, client->source_port);
    record.flow = client;
    audit_.record(record);
  }
  return std::move(outcome.reply);
}

}  // namespace awf::egress
