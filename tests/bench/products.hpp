// The contenders: how each is started on a world's machine with the same policy (its allow list
// holds the origin's name alone) and the same duty (every tunnel is written to a log on disk).
#pragma once

#include <string>
#include <vector>

#include "support/world.hpp"

namespace awf::bench {

inline constexpr const char* kOriginName = "github.com";
inline constexpr const char* kOriginPort = "443";

// "direct", "squid", "tinyproxy", "awf" (through the proxy door) or "awf-intercept".
class Product {
 public:
  // Starts the peer's proxy and returns when it accepts connections; awf starts with its load.
  Product(const std::string& name, test_world::World& world);

  // bench-load with these phases, speaking on its pipes, on the proxy's clients' side.
  test_world::RunningCommand start_load(const std::vector<std::string>& phases);

  // The proxy's processes, as pids of ours; none for "direct".
  [[nodiscard]] std::vector<pid_t> processes() const;

 private:
  void start_squid();
  void start_tinyproxy();
  void await_port();

  std::string name_;
  test_world::World& world_;
  std::vector<test_world::RunningCommand> proxy_;  // one, or none
};

}  // namespace awf::bench
