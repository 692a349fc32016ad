// The tunnels whose bytes are moving, so that the end of a run can end and record them.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "net/pump.hpp"

namespace awf::egress {

// One thread. A tunnel is known by the address of its record from add() to remove().
class OpenTunnels {
 public:
  void add(const void* tunnel, std::weak_ptr<net::Pump> pump) { pumps_[tunnel] = std::move(pump); }
  void remove(const void* tunnel) { pumps_.erase(tunnel); }

  // Each pump's on_done follows from the event loop; it may call remove().
  void stop_all() {
    std::vector<std::shared_ptr<net::Pump>> running;
    for (const auto& [tunnel, pump] : pumps_) {
      if (auto alive = pump.lock()) running.push_back(std::move(alive));
    }
    for (const auto& pump : running)
      pump->stop();
  }

 private:
  std::map<const void*, std::weak_ptr<net::Pump>> pumps_;
};

}  // namespace awf::egress
