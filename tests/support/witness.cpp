#include "support/witness.hpp"

#include <arpa/inet.h>
#include <nftables/libnftables.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "common/check.hpp"

namespace awf::test_world::witness {
namespace {

using Context = std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)>;

// One transaction; returns what libnftables printed.
std::string run_nft(const std::string& commands, unsigned output_flags = 0) {
  const Context context(nft_ctx_new(NFT_CTX_DEFAULT), &nft_ctx_free);
  if (!context) throw Refusal("libnftables gave no context");
  nft_ctx_output_set_flags(context.get(), output_flags);
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) != 0) {
    throw Refusal(std::string("nftables: ") + nft_ctx_get_error_buffer(context.get()));
  }
  return nft_ctx_get_output_buffer(context.get());
}

// `update` fails when a set is full; the packet then falls through to the counter, so that a test
// can never mistake "not recorded" for "not sent". Neighbour discovery (133-137) and multicast
// listener reports (130-132, 143) are the kernel's own chatter on a wire.
constexpr std::string_view kRuleset = R"(
table inet witness {
  set ported4 { type ipv4_addr . inet_proto . inet_service; size 524288; flags dynamic; }
  set ported6 { type ipv6_addr . inet_proto . inet_service; size 524288; flags dynamic; }
  set other4 { type ipv4_addr . inet_proto; size 65536; flags dynamic; }
  set other6 { type ipv6_addr . inet_proto; size 65536; flags dynamic; }
  set silent4 { type ipv4_addr; }
  set silent6 { type ipv6_addr; }
  counter missed { }
  chain record {
    meta nfproto ipv4 meta l4proto { tcp, udp } update @ported4 { ip daddr . meta l4proto . th dport } return
    meta nfproto ipv6 meta l4proto { tcp, udp } update @ported6 { ip6 daddr . meta l4proto . th dport } return
    meta nfproto ipv4 meta l4proto != { tcp, udp } update @other4 { ip daddr . meta l4proto } return
    meta nfproto ipv6 meta l4proto != { tcp, udp } update @other6 { ip6 daddr . meta l4proto } return
    counter name missed
  }
  chain arrive {
    type filter hook prerouting priority -400; policy accept;
    iifname != "INTERFACE" return
    icmpv6 type { 130, 131, 132, 133, 134, 135, 136, 137, 143 } return
    jump record
    ip daddr @silent4 drop
    ip6 daddr @silent6 drop
  }
}
)";

std::string protocol_name(const nlohmann::json& value) {
  if (value.is_string()) return value == "ipv6-icmp" ? "icmpv6" : value.get<std::string>();
  const int number = value.get<int>();
  if (number == 6) return "tcp";
  if (number == 17) return "udp";
  if (number == 1) return "icmp";
  if (number == 58) return "icmpv6";
  return std::to_string(number);
}

Packets read_element(const nlohmann::json& element) {
  const nlohmann::json& parts =
      (element.contains("elem") ? element["elem"]["val"] : element)["concat"];
  Packets packets{protocol_name(parts[1]), parts[0].get<std::string>(), 0};
  if (parts.size() > 2) packets.port = parts[2].get<std::uint16_t>();
  return packets;
}

}  // namespace

void install(std::string_view interface) {
  std::string ruleset(kRuleset);
  constexpr std::string_view kPlace = "INTERFACE";
  ruleset.replace(ruleset.find(kPlace), kPlace.size(), interface);
  run_nft(ruleset);
}

std::vector<Packets> recorded() {
  const auto listing = nlohmann::json::parse(
      run_nft("list table inet witness",
              NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_PROTO | NFT_CTX_OUTPUT_NUMERIC_PRIO));
  std::vector<Packets> all;
  for (const auto& object : listing["nftables"]) {
    if (object.contains("counter") && object["counter"]["packets"] != 0) {
      throw Refusal("the witness missed packets: its sets are full");
    }
    if (!object.contains("set") || !object["set"].contains("elem")) continue;
    if (object["set"]["name"].get<std::string>().starts_with("silent")) continue;
    for (const auto& element : object["set"]["elem"])
      all.push_back(read_element(element));
  }
  std::sort(all.begin(), all.end());
  return all;
}

void forget() {
  run_nft(
      "flush set inet witness ported4\nflush set inet witness ported6\n"
      "flush set inet witness other4\nflush set inet witness other6\n");
}

void silence(std::string_view address) {
  const char* set = address.find(':') == std::string_view::npos ? "silent4" : "silent6";
  run_nft(std::string("add element inet witness ") + set + " { " + std::string(address) + " }");
}

}  // namespace awf::test_world::witness
