// An AuditRecord while its connection lasts: thousands of them may wait, so they wait small.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "egress-proxy/audit_record.hpp"

namespace awf::egress {

// Keeps what is known when bytes begin to move: not error, duration, repeats and the bytes that
// went down. Texts are cut to what a log line shows.
class PackedRecord {
 public:
  explicit PackedRecord(const AuditRecord& record);
  [[nodiscard]] AuditRecord unpack() const;

 private:
  static constexpr std::size_t kTexts = 8;

  std::chrono::system_clock::time_point time_;
  std::string texts_;  // one behind the other
  std::array<std::uint16_t, kTexts> sizes_{};
  std::uint64_t bytes_up_;
  unsigned status_;
  std::uint16_t port_;
  policy::Door door_;
  AuditProtocol protocol_;
  policy::Verdict verdict_;
};

}  // namespace awf::egress
