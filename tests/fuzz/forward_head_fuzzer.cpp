// Any bytes as a request head: what goes on to the origin is a request head again, with the same
// end, one Host that is the judged target's, and nothing that was meant for this hop.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/check.hpp"
#include "common/text.hpp"
#include "egress-proxy/forward_head.hpp"
#include "fuzz_input.hpp"

namespace {

using namespace awf;

const egress::Target& target_of_test() {
  static const egress::Target kTarget{policy::HostName::parse("example.org").or_refuse(), 80};
  return kTarget;
}

// A field that Connection names stays behind, whatever it is, but framing and Host are ours.
void verify_hop(const net::RequestHead& head, const net::RequestHead& passed) {
  for (const auto& field : passed.fields) {
    const std::string name = ascii_lower(field.name);
    verify(!name.starts_with("proxy-"), "no field for proxies goes on");
    if (name == "upgrade") verify(egress::asks_for_websocket(head), "no upgrade but WebSocket's");
    verify(name != "te" && name != "trailer" && name != "keep-alive" && name != "http2-settings",
           "no field of this hop goes on");
  }
}

void verify_framing(const net::BodyFraming& body, const net::BodyFraming& passed) {
  verify(passed.kind == body.kind && passed.length == body.length, "it ends at the same byte");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = net::read_request_head(fuzz::as_text(data, size));
  if (!read || !read->ok()) return 0;
  const net::RequestHead& head = read->value();
  const auto origin_form = egress::origin_form_of(head, target_of_test());
  if (!origin_form.ok()) return 0;
  const std::string passed = egress::forward_head(head, *origin_form, target_of_test());
  // Our own fields may take a head over the limits that we set for clients.
  if (passed.size() >= net::kMaxHeadBytes || head.fields.size() + 4 > net::kMaxFields) return 0;
  const auto again = net::read_request_head(passed);
  verify(again && again->ok(), "what goes on is a request head");
  const net::RequestHead& forwarded = again->value();
  verify(forwarded.size == passed.size(), "nothing is behind it");
  verify(forwarded.method == head.method && forwarded.target == *origin_form, "the same request");
  verify(forwarded.minor_version == head.minor_version, "the same version");
  const std::string* host = forwarded.field("host");
  verify(host != nullptr && *host == "example.org", "its Host is the target");
  verify_framing(head.body, forwarded.body);
  verify_hop(head, forwarded);
  verify(egress::asks_for_websocket(forwarded) == egress::asks_for_websocket(head),
         "a WebSocket handshake stays one");
  return 0;
}
