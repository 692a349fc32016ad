// The translation of c-ares' codes; pending_lookups.cpp coalesces and limits, name_servers.cpp and
// cares_channel.cpp ask.
#include "net/resolver.hpp"

#include <algorithm>

#include "net/name_servers.hpp"
#include "net/pending_lookups.hpp"

namespace awf::net {
namespace {

using Status = ResolveAnswer::Status;

ResolveAnswer failure(Status status, const std::string& detail) {
  return {status, {}, detail};
}

std::vector<policy::IpAddress> without_repetition(const std::vector<policy::IpAddress>& addresses) {
  std::vector<policy::IpAddress> kept;
  for (const auto& address : addresses) {
    if (kept.size() == kMaxAddressesPerName) break;
    if (std::find(kept.begin(), kept.end(), address) == kept.end()) kept.push_back(address);
  }
  return kept;
}

// Codes of ares.h; those that mean "the server's or the network's fault" are many.
ResolveAnswer answer_from(int status, const std::vector<policy::IpAddress>& addresses) {
  switch (status) {
    case ARES_SUCCESS:
      if (addresses.empty()) return failure(Status::kNoAddress, "the name has no address");
      return {Status::kOk, without_repetition(addresses), {}};
    case ARES_ENOTFOUND:
      return failure(Status::kNoSuchName, "there is no such name");
    case ARES_ENODATA:
      return failure(Status::kNoAddress, "the name has no address");
    case ARES_ETIMEOUT:
      return failure(Status::kTimeout, "no DNS server answered in time");
    default:
      return failure(Status::kServerFailure, ares_strerror(status));
  }
}

}  // namespace

class Resolver::Impl {
 public:
  Impl(asio::io_context& context, const ResolverOptions& options)
      : pending_(context), servers_(context, options) {}

  void resolve(const std::string& name, Callback callback) {
    if (!pending_.add(name, std::move(callback))) return;
    servers_.look_up(name,
                     [this, name](int status, const std::vector<policy::IpAddress>& addresses) {
                       pending_.answer(name, answer_from(status, addresses));
                     });
  }

 private:
  PendingLookups pending_;
  NameServers servers_;  // last: its destructor must find the rest in place
};

Resolver::Resolver(boost::asio::io_context& context, const ResolverOptions& options)
    : impl_(std::make_unique<Impl>(context, options)) {}

Resolver::~Resolver() = default;

void Resolver::resolve(const policy::HostName& name, Callback callback) {
  impl_->resolve(name.text(), std::move(callback));
}

}  // namespace awf::net
