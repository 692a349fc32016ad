// "HOST=BYTES": how much may be sent to a host, as a person writes it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/result.hpp"
#include "policy/host_name.hpp"
#include "policy/host_pattern.hpp"
#include "policy/ip_range.hpp"

namespace awf::policy {

// A number of bytes: "1500", or with K, M or G for 1024 and its powers: "10M".
Result<std::uint64_t> parse_byte_count(std::string_view text);

// One budget that everything under HOST shares. HOST is what an entry of the allow list is, without
// protocol and port: "github.com" is the host with its subdomains, "=github.com" the host alone,
// "*.github.com" the subdomains alone; an address or a range is those addresses.
struct UploadLimit {
  std::string host;  // as written
  std::variant<HostPattern, IpRange> target;
  std::uint64_t bytes = 0;

  // The error is a clause that follows the text.
  static Result<UploadLimit> parse(std::string_view text);

  [[nodiscard]] bool covers(const HostName& name) const noexcept;
  [[nodiscard]] bool covers(const IpAddress& address) const noexcept;
};

}  // namespace awf::policy
