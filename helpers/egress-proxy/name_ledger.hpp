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
// looked up tells that domain's owner as many bytes as it has before the domain. That cannot be
// forbidden without forbidding the entry, but it is bounded, and what is unusual is said. Names and
// bytes are counted rather than entropy estimated: the bytes are all that can leave, whatever they
// look like, and words of a dictionary carry data too.
class NameLedger {
 public:
  static constexpr std::size_t kMostNames = std::size_t{16} * 1024;
  static constexpr std::size_t kMostBytes = std::size_t{512} * 1024;  // of all names together
  // Below one domain: different names, and bytes of these. The names of ordinary services are some
  // 15 bytes long, so that the second is met first only by names that are made to carry something.
  static constexpr std::uint32_t kAlarmNames = 256;
  static constexpr std::size_t kAlarmBytes = std::size_t{4} * 1024;

  enum class Verdict : std::uint8_t {
    kFine,
    kAlarm,  // fine, and the first beyond an alarm of its domain: say so
    kSpent,  // the name is new and the run has used up its names or bytes: do not look it up
  };
  Verdict enter(const policy::HostName& name);

  // The last two labels: what `kAlarm` is about.
  [[nodiscard]] static std::string domain_of(const policy::HostName& name);

 private:
  struct Below {
    std::uint32_t names = 0;
    std::size_t bytes = 0;
    bool said = false;
  };

  std::unordered_set<std::string> names_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, Below> below_;
};

}  // namespace awf::egress
