// Looking up names outside, with c-ares on the caller's event loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "net/limits.hpp"
#include "policy/host_name.hpp"
#include "policy/ip_range.hpp"

namespace boost::asio {
class io_context;
}

namespace awf::net {

struct DnsServer {
  policy::IpAddress address;
  std::string zone;  // of a link-local address: the interface's name; otherwise empty
  static constexpr std::uint16_t kDefaultPort = 53;
  std::uint16_t port = kDefaultPort;

  // "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353", "fe80::1%eth0",
  // "[fe80::1%eth0]:53". A link-local address needs a zone, no other address may have one.
  static Result<DnsServer> parse(std::string_view text);
};

struct ResolverOptions {
  std::vector<DnsServer> servers;  // empty: those of the host's resolv.conf
  std::chrono::milliseconds timeout = kResolveTryTimeout;
  int tries = kResolveTries;                             // to one server
  std::chrono::milliseconds patience = kServerPatience;  // before the next server is asked too
  std::chrono::milliseconds retry_failing = kFailingServerRetry;
};

struct ResolveAnswer {
  enum class Status : std::uint8_t {
    kOk,
    kNoSuchName,     // NXDOMAIN, and not in the hosts file
    kNoAddress,      // the name exists, without A and AAAA
    kServerFailure,  // SERVFAIL, REFUSED, unreadable answers, no server to ask, our own limit
    kTimeout,
  };
  Status status = Status::kServerFailure;
  std::vector<policy::IpAddress> addresses;  // as answered, without repetition; not yet vetted
  std::string detail;                        // for a person; empty when kOk

  [[nodiscard]] bool ok() const noexcept { return status == Status::kOk; }
};

// One thread: the one that runs the io_context, which must outlive the Resolver. A name is asked
// for as it is (no search list), first in the hosts file, then at the servers; several given
// servers take turns, and one that failed or kept silent is asked last. Concurrent questions for
// one name become one lookup; no answer is remembered, so that the address vetted is the address of
// this very answer.
class Resolver {
 public:
  using Callback = std::function<void(const ResolveAnswer&)>;

  // Throws Refusal for a server whose zone names no interface, SystemFailure when c-ares cannot
  // start.
  Resolver(boost::asio::io_context& context, const ResolverOptions& options);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  // Callbacks that have not run are dropped.
  ~Resolver();

  // `callback` runs once, from the io_context, never from inside resolve().
  void resolve(const policy::HostName& name, Callback callback);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace awf::net
