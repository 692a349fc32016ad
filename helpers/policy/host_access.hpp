// The host's own loopback as a destination: which of its ports the command may reach. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "policy/ip_range.hpp"

namespace awf::policy {

// The name of the host inside, and the address that programs written for the reference system know
// it by. Both mean 127.0.0.1 and ::1 of the host, and nothing else of it.
inline constexpr std::string_view kHostAlias = "host.docker.internal";
inline constexpr std::string_view kHostGateway = "172.30.0.1";
const IpAddress& host_gateway();

struct PortRange {
  std::uint16_t first;
  std::uint16_t last;

  // "3000" or "3000-3010": 1 to 65535, no leading zeros. The error is a clause that follows the
  // text.
  static Result<PortRange> parse(std::string_view text);
  [[nodiscard]] bool contains(std::uint16_t port) const noexcept {
    return first <= port && port <= last;
  }
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

// Off: host.docker.internal is a name like any other. On: it means the host, on these ports alone;
// the bytes pass unread.
struct HostAccess {
  struct Ports {
    PortRange range;
    std::string option;  // who opened it: "--allow-host-ports"
  };
  bool enabled = false;
  std::vector<Ports> ports;

  // The first that holds `port`, or nothing.
  [[nodiscard]] const Ports* opening(std::uint16_t port) const noexcept;
};

// Ports of remote shells, mail, file sharing and databases, sorted: an option that opens a service
// by accident must not open these, so they need --allow-host-service-ports by their number.
std::span<const std::uint16_t> dangerous_ports() noexcept;
std::optional<std::uint16_t> first_dangerous_port(const PortRange& range) noexcept;

// What a person adds to open `port`: "--allow-host-ports 8080".
std::string option_for_host_port(std::uint16_t port);

// Why `port` is closed and what opens it, as the reason of a decision.
std::string reason_of_closed_host_port(std::uint16_t port);

// Where development servers listen: what the keyword "localhost" opens when no port is named.
std::span<const std::uint16_t> development_ports() noexcept;

}  // namespace awf::policy
