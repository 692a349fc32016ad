// Any bytes as the start of a logged packet.
#include <cstdint>

#include "common/check.hpp"
#include "egress-proxy/packet_summary.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto summary = awf::egress::read_packet({data, size});
  awf::verify(size >= 20 || !summary, "less than a header is no packet");
  return 0;
}
