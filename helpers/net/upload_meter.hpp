// How much a connection may still send.
#pragma once

#include <cstdint>

namespace awf::net {

// Shared by all connections that spend from one budget, on one thread: left() may have shrunk
// between two calls.
class UploadMeter {
 public:
  virtual ~UploadMeter() = default;
  UploadMeter() = default;
  UploadMeter(const UploadMeter&) = delete;
  UploadMeter& operator=(const UploadMeter&) = delete;

  [[nodiscard]] virtual std::uint64_t left() const noexcept = 0;
  // `bytes` are on their way and cannot be taken back; at most left().
  virtual void spend(std::uint64_t bytes) noexcept = 0;
};

}  // namespace awf::net
