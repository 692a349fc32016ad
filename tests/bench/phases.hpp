// What bench-load measures. Each phase answers with its figures as one JSON object.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tunnel.hpp"

namespace awf::bench {

// Tunnels that have to stay open while somebody else looks at the proxy.
using Held = std::vector<Tunnel>;

// {"tunnels"}: so many tunnels without a byte.
nlohmann::json hold_idle(const Route& route, std::size_t count, Held& held);
// {"p50Microseconds","p99Microseconds"} of one byte there and back.
nlohmann::json ping(const Route& route, std::size_t count);
// {"bytes","seconds"} over four tunnels for at least this long.
nlohmann::json download(const Route& route, double seconds);
nlohmann::json upload(const Route& route, double seconds);
// {"tunnels","seconds"}: opened and closed, sixteen at once; ends at the first of both limits.
nlohmann::json open_and_close(const Route& route, double seconds, std::size_t most);

}  // namespace awf::bench
