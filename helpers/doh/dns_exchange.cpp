#include "doh/dns_exchange.hpp"

#include <ares.h>
#include <arpa/nameser.h>

#include <array>
#include <cstring>
#include <memory>

#include "common/check.hpp"

namespace awf::doh {
namespace {

using net::ResolveAnswer;
using policy::IpAddress;
using Status = ResolveAnswer::Status;

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxMessageBytes = 65535;
constexpr int kMaxAddresses = static_cast<int>(net::kMaxAddressesPerName);

// c-ares took const only later (1.28); it never writes there.
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int addresses_in(std::string_view message, AddressType type, std::vector<IpAddress>& found) {
  int count = kMaxAddresses;
  const int size = static_cast<int>(message.size());
  int status = ARES_SUCCESS;
  if (type == AddressType::kA) {
    std::array<ares_addrttl, kMaxAddresses> entries{};
    status = ares_parse_a_reply(bytes_of(message), size, nullptr, entries.data(), &count);
    for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
      std::array<std::uint8_t, 4> bytes{};
      std::memcpy(bytes.data(), &entries.at(static_cast<std::size_t>(i)).ipaddr, bytes.size());
      found.push_back(IpAddress::v4(bytes));
    }
    return status;
  }
  std::array<ares_addr6ttl, kMaxAddresses> entries{};
  status = ares_parse_aaaa_reply(bytes_of(message), size, nullptr, entries.data(), &count);
  for (int i = 0; status == ARES_SUCCESS && i < count; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &entries.at(static_cast<std::size_t>(i)).ip6addr, bytes.size());
    found.push_back(IpAddress::v6(bytes));
  }
  return status;
}

ResolveAnswer failure(const std::string& detail) {
  return {Status::kServerFailure, {}, detail};
}

}  // namespace

std::string make_query(const policy::HostName& name, AddressType type) {
  unsigned char* raw = nullptr;
  int size = 0;
  const int status =
      ares_create_query(name.text().c_str(), ns_c_in, type == AddressType::kA ? ns_t_a : ns_t_aaaa,
                        0, 1, &raw, &size, 0);
  const std::unique_ptr<unsigned char, void (*)(void*)> owned(raw, &ares_free_string);
  // A canonical name always fits; what is left is memory.
  if (status != ARES_SUCCESS) throw Refusal(std::string("a DNS query: ") + ares_strerror(status));
  return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size)};
}

ResolveAnswer read_reply(std::string_view message, AddressType type) {
  if (message.size() < kHeaderBytes || message.size() > kMaxMessageBytes) {
    return failure("the reply is no DNS message");
  }
  const auto flags = static_cast<unsigned char>(message[2]);
  const unsigned code = static_cast<unsigned char>(message[3]) & 0x0FU;
  if ((flags & 0x80U) == 0) return failure("the reply is a DNS question");
  if (code == ns_r_nxdomain) return {Status::kNoSuchName, {}, "there is no such name"};
  if (code != ns_r_noerror) return failure("DNS error code " + std::to_string(code));
  ResolveAnswer answer;
  const int status = addresses_in(message, type, answer.addresses);
  if (status == ARES_ENODATA || (status == ARES_SUCCESS && answer.addresses.empty())) {
    return {Status::kNoAddress, {}, "the name has no address"};
  }
  if (status != ARES_SUCCESS) return failure("the reply cannot be read as a DNS message");
  answer.status = Status::kOk;
  return answer;
}

ResolveAnswer merged(const ResolveAnswer& a, const ResolveAnswer& b) {
  if (a.ok() && b.ok()) {
    ResolveAnswer both = a;
    both.addresses.insert(both.addresses.end(), b.addresses.begin(), b.addresses.end());
    return both;
  }
  if (a.ok() || b.ok()) return a.ok() ? a : b;
  const auto is_final = [](const ResolveAnswer& answer) {
    return answer.status == Status::kNoSuchName || answer.status == Status::kNoAddress;
  };
  return is_final(a) ? b : a;
}

}  // namespace awf::doh
