// Addresses that stand for names inside the sandbox. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace awf::egress {

struct MappedPair {
  policy::IpAddress v4;  // of 198.18.0.0/15
  policy::IpAddress v6;  // of 2001:2::/64, with the same index
};

// One name has one address of each family for the whole run, so that a connection to it carries
// the name whatever protocol it speaks. Nothing expires: a program may hold an answer as long as it
// likes. When the pool is spent, further names get no address (fail closed), never a used one.
class MappedAddresses {
 public:
  // Addresses whose last IPv4 byte is 0 or 255 stay out: some software takes them for a network or
  // a broadcast address.
  static constexpr std::uint32_t kPoolSize = 512 * 254;
  // Bounds the memory that a hostile flood of names below an allowed wildcard can claim (4 MiB).
  static constexpr std::size_t kDefaultCapacity = std::size_t{16} * 1024;

  // Called with each name that gets an address, before anyone hears of it.
  using Keep = std::function<void(const policy::HostName&)>;

  // `first` chooses where in the pool the run begins, so that an address of another run has, almost
  // surely, no name rather than another one. `known`: names that have their addresses already, in
  // the order in which they got them; not kept again.
  explicit MappedAddresses(std::uint32_t first = 0, std::size_t capacity = kDefaultCapacity,
                           Keep keep = nullptr, const std::vector<policy::HostName>& known = {});
  MappedAddresses(MappedAddresses&&) noexcept =
      default;  // a moved deque keeps its elements' places
  MappedAddresses& operator=(MappedAddresses&&) = delete;
  MappedAddresses(const MappedAddresses&) = delete;
  MappedAddresses& operator=(const MappedAddresses&) = delete;
  ~MappedAddresses() = default;

  // The name's addresses, assigned at its first call; nothing when the pool is spent.
  std::optional<MappedPair> addresses_of(const policy::HostName& name);

  // The name behind an address of either family, or nullptr. Valid as long as this object.
  [[nodiscard]] const policy::HostName* name_of(const policy::IpAddress& address) const;

  // Is it in one of the two ranges, named or not?
  [[nodiscard]] static bool is_mapped(const policy::IpAddress& address) noexcept;

 private:
  std::uint32_t enter(const policy::HostName& name);

  std::uint32_t first_;
  std::size_t capacity_;
  std::deque<policy::HostName> names_;  // a deque: the map's keys point into it
  std::unordered_map<std::string_view, std::uint32_t> index_of_;
  Keep keep_;
};

}  // namespace awf::egress
