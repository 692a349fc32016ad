// Pipes for splice(2), shared by all tunnels of a proxy.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "common/file.hpp"
#include "net/limits.hpp"

namespace awf::net {

// A non-blocking pipe and how much it may hold.
struct SplicePipe {
  Pipe ends;
  std::size_t capacity = 0;
};

// A tunnel borrows a pipe while bytes are in flight and gives it back empty. One thread; must
// outlive the Pumps that use it.
class PipePool {
 public:
  // Makes the process ignore SIGPIPE: splice(2) to a closed socket raises it.
  explicit PipePool(std::size_t keep = kMaxPooledPipes, std::size_t bytes = kPipeBytes);

  // Nothing when there are no descriptors left (EMFILE, ENFILE): an everyday answer under load.
  std::optional<SplicePipe> take();
  // The pipe must be empty: what is left in it would be sent to another connection.
  void give_back(SplicePipe pipe);

  // A pipe that is closed instead of given back (its bytes had no taker).
  void forget(SplicePipe pipe);

  [[nodiscard]] std::size_t pooled() const noexcept { return pooled_.size(); }
  [[nodiscard]] std::size_t borrowed() const noexcept { return borrowed_; }

 private:
  std::size_t keep_;
  std::size_t bytes_;
  std::size_t borrowed_ = 0;
  std::vector<SplicePipe> pooled_;
};

}  // namespace awf::net
