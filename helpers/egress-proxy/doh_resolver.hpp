// Names looked up by awf-doh, a program of its own: libcurl and OpenSSL stay out of this one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/child.hpp"
#include "common/message_channel.hpp"
#include "net/asio.hpp"
#include "net/pending_lookups.hpp"
#include "net/resolver.hpp"

namespace awf::egress {

struct DohHelper {
  Child process;
  MessageChannel channel;
};

// Starts awf-doh (an absolute path) with our uid and gid options; call before the lock-down. Throws
// SystemFailure.
DohHelper start_doh_helper(const std::string& program, const std::string& url,
                           const std::vector<net::DnsServer>& dns_servers,
                           const std::vector<std::string>& identity_options);

// As net::Resolver. The helper's end throws Refusal out of the event loop and ends the proxy with
// it; the supervisor starts both again.
class DohResolver {
 public:
  DohResolver(net::asio::io_context& context, DohHelper helper);
  DohResolver(const DohResolver&) = delete;
  DohResolver& operator=(const DohResolver&) = delete;
  ~DohResolver();

  void resolve(const policy::HostName& name, net::Resolver::Callback callback);

 private:
  struct Question {
    std::string name;
    net::asio::steady_timer limit;
  };

  void wait_for_answer();
  void take_answer();
  void end(std::uint32_t number, net::ResolveAnswer answer);

  net::asio::io_context& context_;
  DohHelper helper_;
  net::PendingLookups pending_;
  std::map<std::uint32_t, Question> asked_;
  std::uint32_t next_number_ = 0;
  net::asio::posix::stream_descriptor readable_;
};

}  // namespace awf::egress
