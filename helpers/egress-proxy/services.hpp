// What every connection of a run shares.
#pragma once

#include "egress-proxy/audit_log.hpp"
#include "egress-proxy/connection_slots.hpp"
#include "egress-proxy/mapped_addresses.hpp"
#include "egress-proxy/open_connections.hpp"
#include "egress-proxy/upload_budgets.hpp"
#include "egress-proxy/upstream.hpp"
#include "net/asio.hpp"
#include "net/client_presence.hpp"
#include "net/pipe_pool.hpp"
#include "policy/egress_policy.hpp"

namespace awf::egress {

// Borrowed by all sessions, which never outlive the event loop's run.
struct Services {
  net::asio::io_context& context;
  const policy::EgressPolicy& policy;
  MappedAddresses& mapped;
  Upstream& upstream;
  net::PipePool& pipes;
  AuditLog& audit;
  OpenConnections& open;
  UploadBudgets& budgets;
  net::ClientPresence& presence;
  std::uint16_t min_tls_version = 0;  // 0x0303 is TLS 1.2; 0: any
};

}  // namespace awf::egress
