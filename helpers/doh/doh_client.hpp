// Asking a DoH server (RFC 8484) for the addresses of names.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "doh/curl_loop.hpp"
#include "doh/dns_exchange.hpp"
#include "net/resolver.hpp"
#include "net/service_url.hpp"

namespace awf::doh {

// POST requests over HTTP/2 where the server has it, all over the same connection; its certificate
// is verified against the system's trust store. The server's own name is looked up by the ordinary
// resolver, once, and again after it could not be reached. Bounded in time and size
// (net/limits.hpp). One thread.
class DohClient {
 public:
  using Callback = std::function<void(const net::ResolveAnswer&)>;

  // `resolver` looks up the server's name; borrowed.
  DohClient(net::asio::io_context& context, net::ServiceUrl url, net::Resolver& resolver);
  DohClient(const DohClient&) = delete;
  DohClient& operator=(const DohClient&) = delete;
  ~DohClient();

  // `callback` runs once, from the io_context. A and AAAA are asked at the same time.
  void look_up(const policy::HostName& name, Callback callback);

 private:
  struct Transfer;
  struct Lookup;
  using Addresses = std::vector<policy::IpAddress>;
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, FreeList>;

  void find_server(std::function<void(const net::ResolveAnswer&)> then);
  void ask(const std::shared_ptr<Lookup>& lookup, AddressType type);
  void set_up(Transfer& transfer, const std::string& query);
  void ended(std::list<Transfer>::iterator transfer, CURLcode code);
  net::ResolveAnswer outcome_of(const Transfer& transfer, CURLcode code);

  net::ServiceUrl url_;
  std::string url_text_;
  net::Resolver& resolver_;
  std::optional<Addresses> server_;  // known; empty for a URL with a literal address
  List headers_;
  std::list<Transfer> transfers_;
  CurlLoop loop_;  // last: it lets go of the transfers first
};

}  // namespace awf::doh
