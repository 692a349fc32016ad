// Which names left this machine by being looked up. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "policy/host_name.hpp"

namespace awf::egress {

// An entry such as *.example.org lets the command choose the names below it, and each name that is
// looked up tells that domain's owner as many bytes as a label has. That cannot be forbidden
// without forbidding the entry, but it is bounded, and a flood of names is said.
class NameLedger {
 public:
  static constexpr std::size_t kMostNames = std::size_t{16} * 1024;
  static constexpr std::uint32_t kAlarmAt = 256;  // different names below one domain

  enum class Verdict : std::uint8_t {
    kFine,
    kAlarm,  // fine, and the first beyond kAlarmAt of its domain: say so
    kSpent,  // the name is new and the run has used up its names: do not look it up
  };
  Verdict enter(const policy::HostName& name);

  // The last two labels: what `kAlarm` is about.
  [[nodiscard]] static std::string domain_of(const policy::HostName& name);

 private:
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> below_;
};

}  // namespace awf::egress
