// Coalescing, limits and the translation of c-ares' codes; cares_channel.cpp does the asking.
#include "net/resolver.hpp"

#include <algorithm>
#include <map>

#include "net/cares_channel.hpp"

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

class Resolver::Impl : public std::enable_shared_from_this<Resolver::Impl> {
 public:
  Impl(asio::io_context& context, const ResolverOptions& options)
      : context_(context), channel_(context, options) {}

  void resolve(const std::string& name, Callback callback) {
    const auto open = pending_.find(name);
    if (open != pending_.end()) {
      open->second.push_back(std::move(callback));
      return;
    }
    if (pending_.size() >= kMaxPendingLookups) {
      asio::post(context_, [weak = weak_from_this(), callback = std::move(callback)] {
        if (weak.expired()) return;
        callback(failure(Status::kServerFailure, "too many names are being looked up"));
      });
      return;
    }
    pending_[name].push_back(std::move(callback));
    channel_.look_up(name,
                     [this, name](int status, const std::vector<policy::IpAddress>& addresses) {
                       answered(name, answer_from(status, addresses));
                     });
  }

 private:
  // Inside c-ares, and perhaps inside resolve(): the callbacks run from the event loop.
  void answered(const std::string& name, ResolveAnswer answer) {
    asio::post(context_, [weak = weak_from_this(), name, answer = std::move(answer)] {
      const auto self = weak.lock();
      if (!self) return;
      const auto node = self->pending_.extract(name);
      for (const Callback& callback : node.mapped()) {
        // A callback may destroy the Resolver; what it promised then holds for the rest too.
        if (self.use_count() == 1) return;
        callback(answer);
      }
    });
  }

  asio::io_context& context_;
  std::map<std::string, std::vector<Callback>> pending_;
  CaresChannel channel_;  // last: its destructor must find the rest in place
};

Resolver::Resolver(boost::asio::io_context& context, const ResolverOptions& options)
    : impl_(std::make_shared<Impl>(context, options)) {}

Resolver::~Resolver() = default;

void Resolver::resolve(const policy::HostName& name, Callback callback) {
  impl_->resolve(name.text(), std::move(callback));
}

}  // namespace awf::net
