// The proxy as a whole: its doors on the sandbox's sockets, and the supervisor's channel.
#pragma once

#include <memory>
#include <optional>

#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"
#include "egress-proxy/doh_resolver.hpp"
#include "egress-proxy/run_policy.hpp"
#include "net/sandbox_sockets.hpp"

namespace awf::egress {

struct ServiceFiles {
  UniqueFd audit;
  UniqueFd access_log;
  UniqueFd mapped_names;
};

// Made in the order that the kernel needs: everything that wants privileges or reads files happens
// in the constructor, the lock-down is the caller's, then run().
class Service {
 public:
  // With a DoH helper it looks names up, and nobody else. Throws SystemFailure or Refusal.
  Service(RunPolicy policy, ServiceFiles files, net::SandboxSockets sockets,
          std::optional<DohHelper> doh);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  // Says "ready" and serves until "finish" or the end of `control`. Throws what ends the proxy.
  void run(MessageChannel control);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace awf::egress
