// The proxy of the machine's own network (a company's), through which allowed connections leave.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egress-proxy/target.hpp"
#include "net/service_url.hpp"
#include "policy/host_name.hpp"

namespace awf::egress {

// The proxy looks the names up, so no address can be vetted here: what we refuse instead are names
// that are nobody's on the internet and lead into the proxy's own network. Literal addresses are
// vetted as ever.
class UpstreamProxy {
 public:
  // `direct`: domains whose hosts and subdomains are dialled without the proxy (no_proxy).
  UpstreamProxy(net::ServiceUrl url, std::vector<policy::HostName> direct);

  [[nodiscard]] const net::ServiceUrl& url() const noexcept { return url_; }

  // False: the target is to be dialled directly.
  [[nodiscard]] bool serves(const Target& target) const;

  // Why the proxy must not be asked for this name, or nothing.
  [[nodiscard]] static std::optional<std::string> refusal(const policy::HostName& name);

  // "CONNECT host:port HTTP/1.1 …" with its empty line.
  [[nodiscard]] std::string connect_request(const Target& target) const;

  // A request head of forward_head() in absolute form (RFC 9112 §3.2.2), as proxies want plain
  // HTTP.
  [[nodiscard]] std::string relayed_request(const Target& target, std::string_view head) const;

 private:
  net::ServiceUrl url_;
  std::vector<policy::HostName> direct_;
  std::string authorization_;  // a header field with its line end; empty without credentials
};

}  // namespace awf::egress
