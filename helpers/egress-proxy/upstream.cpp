#include "egress-proxy/upstream.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

#include "common/check.hpp"
#include "egress-proxy/proxy_handshake.hpp"

namespace awf::egress {
namespace {

// The machine's own addresses change rarely (DHCP, IPv6 privacy addresses, a new bridge).
constexpr std::chrono::seconds kOwnAddressesKept{10};

UpstreamFailure dns_failure(const std::string& name, const net::ResolveAnswer& answer) {
  using Status = net::ResolveAnswer::Status;
  const unsigned status = answer.status == Status::kTimeout ? 504 : 502;
  const char* why = "the name server failed";
  if (answer.status == Status::kNoSuchName) why = "no such name";
  if (answer.status == Status::kNoAddress) why = "the name has no address";
  if (answer.status == Status::kTimeout) why = "the name server did not answer in time";
  return {status, "dns-failure", "looking up " + name + ": " + why};
}

// In the order in which they are tried.
std::vector<policy::IpAddress> loopback_addresses() {
  std::array<std::uint8_t, 16> v6{};
  v6.back() = 1;
  return {policy::IpAddress::v4({127, 0, 0, 1}), policy::IpAddress::v6(v6)};
}

UpstreamFailure address_refused(std::string reason) {
  return {403, "address-refused", std::move(reason)};
}

}  // namespace

Upstream::Upstream(const policy::EgressPolicy& policy, Resolve resolve, Dial dial,
                   net::AddressVetting vetting, std::optional<UpstreamProxy> proxy)
    : policy_(policy),
      resolve_(std::move(resolve)),
      dial_(std::move(dial)),
      vetting_(std::move(vetting)),
      proxy_(std::move(proxy)),
      own_addresses_read_(std::chrono::steady_clock::now()) {}

bool Upstream::is_proxied(const Target& target) const {
  return proxy_ && !means_host(target) && proxy_->serves(target);
}

void Upstream::find(const Target& target, std::function<void(Found)> callback) {
  if (means_host(target)) return callback(unblocked({loopback_addresses(), {}}, target));
  const bool proxied = is_proxied(target);
  if (const auto* address = std::get_if<policy::IpAddress>(&target.host)) {
    refresh_own_addresses();
    const auto refusal = vetting_.refusal(*address);
    if (refusal) return callback({{}, address_refused(*refusal)});
    return proxied ? find_proxy(std::move(callback)) : callback({{*address}, {}});
  }
  const auto& name = std::get<policy::HostName>(target.host);
  if (auto refused = refusal_of_name(name, proxied)) return callback({{}, std::move(refused)});
  if (proxied) return find_proxy(std::move(callback));
  resolve_(name,
           [this, target, name, callback = std::move(callback)](const net::ResolveAnswer& answer) {
             callback(unblocked(vetted_answer(name, answer), target));
           });
}

bool Upstream::means_host(const Target& target) const {
  return std::visit([this](const auto& host) { return policy_.means_host(host); }, target.host);
}

Upstream::Found Upstream::unblocked(Found found, const Target& target) const {
  if (found.failure) return found;
  const std::string first = found.addresses.front().text();
  std::erase_if(found.addresses, [&](const policy::IpAddress& address) {
    return policy_.blocks(address, target.port);
  });
  if (!found.addresses.empty()) return found;
  return {
      {},
      address_refused(target.host_text() + " leads to " + first + ", which the block list holds")};
}

// Before the name leaves this machine, in a lookup or in a CONNECT.
std::optional<UpstreamFailure> Upstream::refusal_of_name(const policy::HostName& name,
                                                         bool proxied) {
  if (proxied) {
    if (auto why = UpstreamProxy::refusal(name)) return address_refused(std::move(*why));
  }
  const auto verdict = ledger_.enter(name);
  if (verdict == NameLedger::Verdict::kSpent) {
    return UpstreamFailure{503, "too-many-names",
                           "the run has used up its different names or their bytes"};
  }
  if (verdict == NameLedger::Verdict::kAlarm) {
    spdlog::warn(
        "more than {} different names, or {} bytes of names, below {} were looked up; names can "
        "carry data to the domain's owner",
        NameLedger::kAlarmNames, NameLedger::kAlarmBytes, NameLedger::domain_of(name));
  }
  return std::nullopt;
}

// A person named the proxy, so its addresses may be private ones and are not vetted.
void Upstream::find_proxy(std::function<void(Found)> callback) {
  const auto& host = proxy_->url().host;
  if (const auto* address = std::get_if<policy::IpAddress>(&host)) {
    return callback({{*address}, {}});
  }
  resolve_(std::get<policy::HostName>(host),
           [this, callback = std::move(callback)](const net::ResolveAnswer& answer) {
             if (answer.ok()) return callback({answer.addresses, {}});
             callback({{}, dns_failure("the upstream proxy " + proxy_->url().host_text(), answer)});
           });
}

Upstream::Found Upstream::vetted_answer(const policy::HostName& name,
                                        const net::ResolveAnswer& answer) {
  if (!answer.ok() || answer.addresses.empty()) return {{}, dns_failure(name.text(), answer)};
  refresh_own_addresses();
  auto vetted = vetting_.vet(name, answer.addresses);
  if (vetted.addresses.empty()) return {{}, address_refused(std::move(vetted.refused))};
  return {std::move(vetted.addresses), {}};
}

std::string Upstream::request_for(const Target& target, const std::string& head) const {
  return is_proxied(target) ? proxy_->relayed_request(target, head) : head;
}

void Upstream::dial(const Target& target, const std::vector<policy::IpAddress>& vetted, Use use,
                    std::function<void(Connected)> callback) {
  if (means_host(target)) return dial_one_by_one(target, vetted, std::move(callback));
  if (!is_proxied(target))
    return dial_(vetted, target.port, told_to(target.text(), std::move(callback)));
  auto told = told_to("the upstream proxy " + proxy_->url().authority(), callback);
  dial_(vetted, proxy_->url().port,
        [this, target, use, told = std::move(told),
         callback = std::move(callback)](net::DialResult result) mutable {
          if (result.error || use == Use::kRequest) return told(std::move(result));
          open_tunnel(target, std::move(result), std::move(callback));
        });
}

// IPv4 first: most services of a host listen there alone, and a port that is shut answers at once.
void Upstream::dial_one_by_one(const Target& target, std::vector<policy::IpAddress> addresses,
                               std::function<void(Connected)> callback) {
  const policy::IpAddress next = addresses.front();
  addresses.erase(addresses.begin());
  if (addresses.empty())
    return dial_({next}, target.port, told_to(target.text(), std::move(callback)));
  dial_({next}, target.port,
        [this, target, addresses = std::move(addresses),
         callback = std::move(callback)](net::DialResult result) mutable {
          if (!result.error) return told_to(target.text(), std::move(callback))(std::move(result));
          dial_one_by_one(target, std::move(addresses), std::move(callback));
        });
}

std::function<void(net::DialResult)> Upstream::told_to(
    const std::string& text, std::function<void(Connected)> callback) const {
  return [text, callback = std::move(callback)](net::DialResult result) {
    Connected connected{std::move(result), std::nullopt};
    if (const auto& error = connected.result.error) {
      const bool late = error == net::asio::error::timed_out;
      connected.failure = UpstreamFailure{late ? 504U : 502U, "connect-failure",
                                          "connecting to " + text + ": " + error.message()};
    }
    callback(std::move(connected));
  };
}

void Upstream::open_tunnel(const Target& target, net::DialResult result,
                           std::function<void(Connected)> callback) const {
  const auto address = result.address;
  ProxyHandshake::start(std::move(result.socket), proxy_->connect_request(target),
                        [shown = proxy_->url().authority(), text = target.text(), address,
                         callback = std::move(callback)](net::tcp::socket socket,
                                                         const std::optional<std::string>& fault) {
                          Connected connected{{{}, std::move(socket), address}, std::nullopt};
                          if (fault) {
                            connected.failure =
                                UpstreamFailure{502, "upstream-proxy-failure",
                                                "connecting to " + text + ": the upstream proxy " +
                                                    shown + " " + *fault};
                          }
                          callback(std::move(connected));
                        });
}

void Upstream::refresh_own_addresses() {
  const auto now = std::chrono::steady_clock::now();
  if (now - own_addresses_read_ < kOwnAddressesKept) return;
  try {
    vetting_.set_own_addresses(net::read_own_addresses());
    own_addresses_read_ = now;
  } catch (const SystemFailure& failure) {
    // A flood of connections can use up the descriptors, and this must not end the proxy. The
    // addresses known so far stay refused.
    spdlog::warn("{}; addresses this machine gained since the last look are not refused yet",
                 failure.what());
  }
}

}  // namespace awf::egress
