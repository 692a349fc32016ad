// The policy of one run and the one function that decides. Pure: no I/O, no clock, no resolver.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "policy/host_access.hpp"
#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace awf::policy {

// One entry as a person wrote it, and where: "--allow-domains", "domains.txt:12".
struct SourceEntry {
  std::string text;
  std::string origin;
};

// What a connection is known to speak when it is judged.
enum class Protocol : std::uint8_t { kHttp, kTls, kTcp };

// Where a request came in. Doors never change a verdict; they are part of the record.
enum class Door : std::uint8_t { kProxy, kIntercept, kDns, kPacket };

enum class Verdict : std::uint8_t { kAllow, kDeny };

struct Decision {
  Verdict verdict = Verdict::kDeny;
  // Allowed by an explicit host:port entry: bytes pass unread (no SNI or Host rule applies).
  bool opaque = false;
  std::string rule;    // the entry that decided, as written, or "default"
  std::string reason;  // always filled: one clause for a person

  [[nodiscard]] bool allowed() const noexcept { return verdict == Verdict::kAllow; }
};

// Immutable; copies share one table. Entries (design §4): "github.com" is the host and its
// subdomains; "=github.com" exactly that host; "*.x" any depth below x, not x; '*' elsewhere
// crosses dots; "http://" or "https://" limits the protocol; "host:port" is opaque TCP on that
// port only, "https://host:port" TLS on that port only; IP and CIDR literals, and [v6]:port.
// Without a port, 80 (HTTP) and 443 (TLS) are meant. The block list always wins; its entries mean
// every protocol whatever their prefix, and every port unless they name one. An empty policy denies
// everything. With host access, host.docker.internal is the host, whose ports the allow list does
// not open: HostAccess alone does, and the block list closes them.
class EgressPolicy {
 public:
  // Refuses the first bad entry: "domains.txt:12: entry \"com\": is a public suffix …; do this".
  static Result<EgressPolicy> build(const std::vector<SourceEntry>& allow,
                                    const std::vector<SourceEntry>& block, HostAccess host = {});

  // May a connection to `name`:`port` that speaks `protocol` be made?
  [[nodiscard]] Decision decide(Protocol protocol, const HostName& name, std::uint16_t port,
                                Door door) const;
  // The same for a literal address: only if it is listed.
  [[nodiscard]] Decision decide(Protocol protocol, const IpAddress& address, std::uint16_t port,
                                Door door) const;
  // May `name` be looked up: is there any protocol and port on which it is allowed?
  [[nodiscard]] Decision decide_lookup(const HostName& name) const;

  // The literals and ranges of the allow list, for the packet rules.
  [[nodiscard]] const std::vector<IpRange>& allowed_ranges() const noexcept;
  // Ports other than 80 and 443 that some entry names, sorted.
  [[nodiscard]] const std::vector<std::uint16_t>& extra_ports() const noexcept;
  [[nodiscard]] bool empty() const noexcept;  // allows nothing
  // Do these mean the host's loopback (only with host access)?
  [[nodiscard]] bool means_host(const HostName& name) const;
  [[nodiscard]] bool means_host(const IpAddress& address) const;
  // Does the block list hold `address` for `port`? For what an allowed name resolves to.
  [[nodiscard]] bool blocks(const IpAddress& address, std::uint16_t port) const noexcept;
  // Legal entries of the allow list that are wider than they look, one line each, for the log.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

 private:
  struct Table;
  explicit EgressPolicy(std::shared_ptr<const Table> table) noexcept : table_(std::move(table)) {}
  std::shared_ptr<const Table> table_;
};

// "a.com, b.com" of a command line: separated by commas, white space trimmed. Refuses an empty
// list.
Result<std::vector<SourceEntry>> entries_from_option(std::string_view value,
                                                     std::string_view option);
// Lines and commas, '#' comments anywhere on a line, origin "FILE:LINE".
Result<std::vector<SourceEntry>> entries_from_file(std::string_view content,
                                                   std::string_view file_name);

}  // namespace awf::policy
