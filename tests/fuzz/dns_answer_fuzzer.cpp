// Any bytes as a DNS query: the answer is none, or one that belongs to the query, is no larger than
// allowed, and gives an address to an allowed name only.
#include <cstdint>
#include <span>

#include "common/check.hpp"
#include "egress-proxy/dns_answer.hpp"

namespace {

using namespace awf;

const policy::EgressPolicy& policy_of_test() {
  static const auto kPolicy =
      policy::EgressPolicy::build({{"example.com", "fuzz"}, {"*.example.org", "fuzz"}}, {})
          .or_refuse();
  return kPolicy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> query(data, size);
  egress::MappedAddresses mapped(0, 64);
  egress::DnsAnswerer answerer(policy_of_test(), mapped);
  const auto outcome = answerer.answer(query);
  const auto& reply = outcome.reply;
  if (reply.empty()) return 0;
  verify(reply.size() >= 12 && reply.size() <= size + egress::kMaxDnsGrowth,
         "the reply is neither cut nor larger than allowed");
  verify(reply[0] == data[0] && reply[1] == data[1] && (reply[2] & 0x80U) != 0,
         "the reply belongs to the query");
  const bool has_answer = reply[6] != 0 || reply[7] != 0;
  verify(!(has_answer && outcome.denial), "what is denied has no answer");
  verify(answerer.answer(reply).reply.empty(),
         "a reply is no query: two answerers never talk to each other");
  return 0;
}
