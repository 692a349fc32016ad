// Any bytes as the reply of a DNS-over-HTTPS server, and any name as a question to it. A reply
// gives addresses or a reason, never both, and only addresses that stand in its bytes; a question
// is read by the egress proxy's own reader as what was asked.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/check.hpp"
#include "doh/dns_exchange.hpp"
#include "egress-proxy/dns_wire.hpp"
#include "fuzz_input.hpp"
#include "net/lookup_messages.hpp"

namespace {

using namespace awf;
using doh::AddressType;
using net::ResolveAnswer;

std::string bytes_of(const policy::IpAddress& address) {
  const auto& all = address.bytes();
  const bool v4 = address.family() == policy::IpAddress::Family::kV4;
  return {all.begin() + (v4 ? 12 : 0), all.end()};
}

void verify_reply(std::string_view bytes, AddressType type) {
  const ResolveAnswer answer = doh::read_reply(bytes, type);
  verify(answer.ok() == !answer.addresses.empty(), "an answer has addresses, a failure has none");
  verify(answer.ok() == answer.detail.empty(), "a failure has a reason");
  verify(answer.addresses.size() <= net::kMaxAddressesPerName, "addresses are bounded");
  for (const auto& address : answer.addresses) {
    verify(bytes.find(bytes_of(address)) != std::string_view::npos,
           "an address stands in the reply");
  }
  // What the proxy reads of it is what was written.
  const auto text = net::write_answer({7, answer});
  const auto again = net::read_answer(text);
  verify(again.ok() && again->number == 7 && again->answer.status == answer.status &&
             again->answer.addresses == answer.addresses,
         "the proxy gets what was answered");
}

void verify_question(std::string_view text) {
  const auto name = policy::HostName::parse(text);
  if (!name.ok()) return;
  for (const auto type : {AddressType::kA, AddressType::kAaaa}) {
    const std::string query = doh::make_query(*name, type);
    const std::vector<std::uint8_t> bytes(query.begin(), query.end());
    const auto read = egress::read_dns_query(bytes);
    verify(read && read->fault == egress::DnsCode::kNoError, "a question can be read");
    verify(read->id == 0 && read->recursion_desired, "a question is as RFC 8484 wants it");
    verify(read->host_text() == name->text(), "a question is about the name");
    verify(read->type == (type == AddressType::kA ? egress::dns_type::kA : egress::dns_type::kAaaa),
           "a question is about the type");
  }
}

// What the egress proxy takes from awf-doh, whatever became of that program.
void verify_message(std::string_view text) {
  const auto answer = net::read_answer(text);
  if (!answer.ok()) return;
  verify(answer->answer.ok() == !answer->answer.addresses.empty(), "addresses or a failure");
  const auto again = net::read_answer(net::write_answer(*answer));
  verify(again.ok() && again->answer.addresses == answer->answer.addresses,
         "a message is read as itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  verify_reply(bytes, AddressType::kA);
  verify_reply(bytes, AddressType::kAaaa);
  verify_question(bytes);
  verify_message(bytes);
  return 0;
}
