#include "policy/host_access.hpp"

#include <algorithm>
#include <array>

#include "common/text.hpp"

namespace awf::policy {
namespace {

constexpr std::array<std::uint16_t, 21> kDangerousPorts{
    22,   23,   25,   110,  143,  445,  1433, 1521,  3306,  3389, 5432,
    5984, 6379, 6984, 8086, 8088, 9200, 9300, 27017, 27018, 28017};

constexpr std::array<std::uint16_t, 12> kDevelopmentPorts{3000, 3001, 4000, 4200, 5000, 5173,
                                                          8000, 8080, 8081, 8888, 9000, 9090};

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto port = parse_number<std::uint16_t>(text);
  if (!port || *port == 0 || text.front() == '0') return std::nullopt;
  return port;
}

}  // namespace

const IpAddress& host_gateway() {
  static const IpAddress kAddress = IpAddress::parse(kHostGateway).or_refuse();
  return kAddress;
}

Result<PortRange> PortRange::parse(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = port_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : port_of(text.substr(dash + 1));
  if (!first || !last) return Error{"is no port from 1 to 65535; write 3000 or 3000-3010"};
  if (*last < *first) {
    return Error{"is a range that ends before it begins; write " + std::to_string(*last) + "-" +
                 std::to_string(*first)};
  }
  return PortRange{*first, *last};
}

std::string PortRange::text() const {
  return first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
}

const HostAccess::Ports* HostAccess::opening(std::uint16_t port) const noexcept {
  const auto found = std::find_if(ports.begin(), ports.end(), [port](const Ports& candidate) {
    return candidate.range.contains(port);
  });
  return found == ports.end() ? nullptr : &*found;
}

std::span<const std::uint16_t> dangerous_ports() noexcept {
  return kDangerousPorts;
}

std::optional<std::uint16_t> first_dangerous_port(const PortRange& range) noexcept {
  const auto* found = std::lower_bound(kDangerousPorts.begin(), kDangerousPorts.end(), range.first);
  if (found == kDangerousPorts.end() || !range.contains(*found)) return std::nullopt;
  return *found;
}

std::string option_for_host_port(std::uint16_t port) {
  const bool dangerous = first_dangerous_port({port, port}).has_value();
  return (dangerous ? "--allow-host-service-ports " : "--allow-host-ports ") + std::to_string(port);
}

std::string reason_of_closed_host_port(std::uint16_t port) {
  return "port " + std::to_string(port) + " of the host is not open (add " +
         option_for_host_port(port) + ")";
}

std::span<const std::uint16_t> development_ports() noexcept {
  return kDevelopmentPorts;
}

}  // namespace awf::policy
