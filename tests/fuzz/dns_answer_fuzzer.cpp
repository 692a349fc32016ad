// Any bytes as a DNS query: the answer is none, or one that belongs to the query, is no larger than
// allowed, and gives an address to an allowed name only. c-ares, which shares no code with the
// writer, reads the address that was meant.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "common/check.hpp"
#include "doh/dns_exchange.hpp"
#include "egress-proxy/dns_answer.hpp"
#include "fuzz_input.hpp"

namespace {

using namespace awf;

const policy::EgressPolicy& policy_of_test() {
  static const auto kPolicy =
      policy::EgressPolicy::build({{"example.com", "fuzz"}, {"*.example.org", "fuzz"}}, {})
          .or_refuse();
  return kPolicy;
}

void verify_client_reads(std::span<const std::uint8_t> query,
                         const std::vector<std::uint8_t>& reply) {
  const auto read = egress::read_dns_query(query);
  verify(read.has_value(), "what is answered was read");
  if (read->type != egress::dns_type::kA && read->type != egress::dns_type::kAaaa) return;
  const bool v4 = read->type == egress::dns_type::kA;
  const auto answer = doh::read_reply(fuzz::as_text(reply.data(), reply.size()),
                                      v4 ? doh::AddressType::kA : doh::AddressType::kAaaa);
  verify(answer.ok() && answer.addresses.size() == 1, "a client reads one address");
  const std::size_t size = v4 ? 4 : 16;
  const auto& bytes = answer.addresses.front().bytes();
  const std::size_t at =
      reply.size() - (read->has_edns ? 11U : 0U) - size;  // an OPT record is 11 bytes
  verify(std::equal(bytes.end() - static_cast<std::ptrdiff_t>(size), bytes.end(),
                    reply.begin() + static_cast<std::ptrdiff_t>(at)),
         "a client reads the address that was written");
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
  if (has_answer) verify_client_reads(query, reply);
  verify(answerer.answer(reply).reply.empty(),
         "a reply is no query: two answerers never talk to each other");
  return 0;
}
